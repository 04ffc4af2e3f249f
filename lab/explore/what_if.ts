/**
 * What becomes of the default order when one step comes elsewhere.
 *
 * @module
 */
import { type Accesses, independent, Objects } from "./access.ts";
import { viewTexts } from "./collect.ts";
import { execute } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { Follow } from "./schedule.ts";

/** One step, and where it may come. */
export interface Places {
  /** Its place in the default order, from 0. */
  readonly home: number;
  /** The first place where it may come. */
  readonly first: number;
  /** What is seen when it comes there, and at each place behind; the other steps keep their order. */
  readonly ends: readonly string[];
}

/** A step of an order. */
interface Step {
  readonly name: string;
  readonly accesses: Accesses;
  /** The steps that could have come in its place; none where a barrier stands. */
  readonly offered: readonly string[];
}

/** An order that is the default but for one step. */
interface Moved {
  readonly order: readonly Step[];
  readonly text: string;
}

/** What is looked at. */
export interface Looked {
  readonly scenario: Scenario;
  /** The view that tells ends apart. */
  readonly view: string;
  /** The views that were explored. */
  readonly views: readonly string[];
}

/**
 * Moves each step of the default order to wherever it may come. A run is made only where it passes a step that has
 * to do with it.
 *
 * @param scenario One whose orders are all orders of the same steps.
 */
export async function placesOf(looked: Looked): Promise<Places[]> {
  const mover = new Mover(looked);
  const usual = await mover.run([]);
  const found: Places[] = [];
  for (let home = 0; usual !== undefined && home < usual.order.length; home++) {
    const before = await mover.walk(usual, home, -1);
    const after = await mover.walk(usual, home, 1);
    const ends = [...before.reverse(), usual.text, ...after];
    if (ends.length > 1) found.push({ home, first: home - before.length, ends });
  }
  return found;
}

class Mover {
  readonly #objects = new Objects();

  constructor(readonly looked: Looked) {}

  /** What is seen behind each neighbour that the step passes, until one must not be passed. */
  async walk(usual: Moved, home: number, way: -1 | 1): Promise<string[]> {
    const texts: string[] = [];
    let moved: Moved | undefined = usual;
    for (let at = home; moved !== undefined; at += way) {
      moved = await this.#swapped(moved, Math.min(at, at + way));
      if (moved !== undefined) texts.push(moved.text);
    }
    return texts;
  }

  /** The order with the step at a place and the next one swapped; `undefined` where they cannot be. */
  async #swapped({ order, text }: Moved, at: number): Promise<Moved | undefined> {
    const [first, second] = [order[at], order[at + 1]];
    if (first === undefined || second === undefined) return undefined;
    if (!first.offered.includes(second.name)) return undefined;
    const swapped = order.with(at, second).with(at + 1, first);
    if (!independent(first.accesses, second.accesses)) {
      return await this.run(swapped.map(({ name }) => name));
    }
    const made = order[at + 2]?.offered.filter((name) => !second.offered.includes(name)) ?? [];
    const left = first.offered.filter((name) => name !== second.name);
    return {
      order: swapped.with(at, { ...second, offered: first.offered })
        .with(at + 1, { ...first, offered: [...left, ...made] }),
      text,
    };
  }

  /** Runs; `undefined` when the steps cannot come so. */
  async run(names: readonly string[]): Promise<Moved | undefined> {
    const { scenario, view, views } = this.looked;
    const follow = new Follow(names.map((name) => ({ name })));
    const { steps, points, outcome } = await execute(scenario, follow, this.#objects);
    if (follow.missed !== undefined || outcome === undefined) return undefined;
    const order = steps.map(({ name, accesses, point }) => ({
      ...{ name, accesses },
      offered: points[point].kind === "barrier" ? [] : points[point].names,
    }));
    return { order, text: viewTexts(outcome, views)[view] ?? "" };
  }
}
