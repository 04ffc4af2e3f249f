import { assertEquals } from "@std/assert";
import { linearisations } from "./linearise.ts";
import { Relation } from "./relation.ts";

/** All orders of `size` things that the relation allows. */
function allOrders(order: Relation): number[][] {
  const extend = (begun: number[]): number[][] => {
    if (begun.length === order.size) return [begun];
    return Array.from({ length: order.size }, (_, i) => i)
      .filter((i) =>
        !begun.includes(i) && order.before(i).every((before) => begun.includes(before))
      )
      .flatMap((i) => extend([...begun, i]));
  };
  return extend([]);
}

function inversionsOf(steps: readonly number[], rank: readonly number[]): number {
  let count = 0;
  for (let i = 0; i < steps.length; i++) {
    for (let j = i + 1; j < steps.length; j++) if (rank[steps[i]] > rank[steps[j]]) count++;
  }
  return count;
}

Deno.test("linearisations() counts and finds what the list of all orders says", () => {
  let state = 5;
  const random = (count: number) => (state = (state * 48271) % 2147483647) % count;
  for (let round = 0; round < 100; round++) {
    const size = 1 + random(6);
    const order = new Relation(size);
    // Later steps only follow earlier ones, as in a run.
    for (let b = 1; b < size; b++) for (let a = 0; a < b; a++) if (random(3) === 0) order.add(a, b);
    const rank = Array.from({ length: size }, (_, i) => i);
    for (let i = size - 1; i > 0; i--) {
      const j = random(i + 1);
      [rank[i], rank[j]] = [rank[j], rank[i]];
    }
    const orders = allOrders(order);
    const byRank = (steps: number[]) => steps.map((step) => rank[step]).join();
    const expected = orders.map((steps) => ({ steps, inversions: inversionsOf(steps, rank) }))
      .sort((a, b) =>
        a.inversions - b.inversions || (byRank(a.steps) < byRank(b.steps) ? -1 : 1)
      )[0];
    const found = linearisations(order, rank)!;
    assertEquals(found.count, BigInt(orders.length));
    assertEquals(found.inversions, expected.inversions);
    assertEquals(found.nearest, expected.steps);
  }
});

Deno.test("linearisations() gives up where there are too many sets of steps", () => {
  const rank = Array.from({ length: 12 }, (_, i) => i);
  const fence = new Relation(12);
  for (let i = 1; i < 12; i++) if (i % 2 === 1) fence.add(i - 1, i);
  for (let i = 2; i < 12; i += 2) fence.add(i, i - 1);
  // Fences have as many such sets as rabbits have pairs.
  assertEquals(linearisations(fence, rank, 376), undefined);
  assertEquals(linearisations(fence, rank, 377)?.inversions, 5);
});

Deno.test("linearisations() looks at steps apart that have nothing to do with each other", () => {
  const rank = Array.from({ length: 40 }, (_, i) => i);
  const free = new Relation(40);
  const factorial = (n: number): bigint => n < 2 ? 1n : BigInt(n) * factorial(n - 1);
  assertEquals(linearisations(free, rank, 10), {
    count: factorial(40),
    nearest: rank,
    inversions: 0,
  });
  // One pair the other way round: half of the orders, and one inversion.
  const swapped = rank.with(17, 18).with(18, 17);
  free.add(17, 18);
  const found = linearisations(free, swapped, 10)!;
  assertEquals([found.count, found.inversions], [factorial(40) / 2n, 1]);
});
