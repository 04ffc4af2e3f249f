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
  assertEquals(linearisations(new Relation(12), rank, 100), undefined);
  assertEquals(linearisations(new Relation(12), rank)?.count, 479001600n);
});
