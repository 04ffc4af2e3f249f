/**
 * Work of devices that is due at a point of virtual time.
 *
 * @module
 */

interface Event {
  readonly atNs: number;
  readonly order: number;
  work: (() => undefined) | undefined;
}

/** Events by time; those of the same time run in the order in which they were scheduled. */
export class EventQueue {
  /** A binary heap, the earliest event first. */
  readonly #heap: Event[] = [];
  #order = 0;

  /** Virtual time of the earliest event in nanoseconds, `Infinity` if there is none. */
  get nextNs(): number {
    this.#dropCancelled();
    return this.#heap.length === 0 ? Infinity : this.#heap[0].atNs;
  }

  /** Calls `work` once when time has reached `atNs`; returns a function that cancels it. */
  schedule(atNs: number, work: () => undefined): () => undefined {
    const event: Event = { atNs, order: this.#order++, work };
    this.#heap.push(event);
    this.#rise(this.#heap.length - 1);
    return () => {
      event.work = undefined;
    };
  }

  /** Runs all work that is due at `nowNs`, also what that work schedules for now. */
  runDue(nowNs: number): undefined {
    while (this.nextNs <= nowNs) this.#takeFirst().work?.();
  }

  #dropCancelled(): undefined {
    while (this.#heap.length > 0 && this.#heap[0].work === undefined) this.#takeFirst();
  }

  #takeFirst(): Event {
    const first = this.#heap[0];
    const last = this.#heap.pop()!;
    if (this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink(0);
    }
    return first;
  }

  #rise(index: number): undefined {
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfEarlier(index, parent)) return;
      index = parent;
    }
  }

  #sink(index: number): undefined {
    for (;;) {
      const left = 2 * index + 1;
      if (left >= this.#heap.length) return;
      const right = left + 1;
      const child = right < this.#heap.length && isEarlier(this.#heap[right], this.#heap[left])
        ? right
        : left;
      if (!this.#swapIfEarlier(child, index)) return;
      index = child;
    }
  }

  #swapIfEarlier(index: number, parent: number): boolean {
    const heap = this.#heap;
    if (!isEarlier(heap[index], heap[parent])) return false;
    [heap[index], heap[parent]] = [heap[parent], heap[index]];
    return true;
  }
}

function isEarlier(a: Event, b: Event): boolean {
  return a.atNs < b.atNs || a.atNs === b.atNs && a.order < b.order;
}
