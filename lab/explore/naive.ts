/**
 * Every run, without any thought: what the clever explorers are checked against, and what is explored
 * when runs are limited by how far they are from the default.
 *
 * @module
 */
import type { Point, Strategy } from "./run.ts";

/** How far from the default a run may be. */
export interface Limits {
  /** How often something may overtake something else: the sum of all answers. Default: no limit. */
  readonly inversions?: number;
  /** How many answers may differ from the default. Default: no limit. */
  readonly deviations?: number;
}

/** Takes every option at every point, within limits. */
export class Naive implements Strategy {
  readonly #path: { readonly count: number; taken: number }[] = [];
  readonly #limits: Limits;
  #started = false;
  /** True when a limit kept something from being tried. */
  limited = false;

  constructor(limits: Limits = {}) {
    this.#limits = limits;
  }

  begin(): boolean {
    if (!this.#started) return this.#started = true;
    const path = this.#path;
    for (let last; (last = path.at(-1)) !== undefined; path.pop()) {
      if (++last.taken >= last.count) continue;
      if (this.#isNear()) return true;
      this.limited = true;
    }
    return false;
  }

  /** Answers that come later are larger, so what is too far now is the last of its point. */
  #isNear(): boolean {
    const { inversions = Infinity, deviations = Infinity } = this.#limits;
    let sum = 0;
    let count = 0;
    for (const { taken } of this.#path) {
      sum += taken;
      if (taken > 0) count++;
    }
    return sum <= inversions && count <= deviations;
  }

  pick({ names }: Point, place: number): number {
    if (place === this.#path.length) this.#path.push({ count: names.length, taken: 0 });
    return this.#path[place].taken;
  }

  end(): undefined {}
}
