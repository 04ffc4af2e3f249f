/**
 * Exploring with Web Workers.
 *
 * @module
 */
import type { BranchRecord } from "../lab/explore/branches.ts";
import type { Varied } from "../lab/explore/scenario.ts";
import type { Done, Helper, PartOptions, Progress } from "../lab/explore/work.ts";
import type { Workers } from "../lab/order.ts";

/** How workers are made. */
export interface ExploreWorkersOptions {
  /** How many. */
  readonly count: number;
  /** What the module's `scenario` is called with, if it is a function; it must be possible to copy it. */
  readonly argument?: unknown;
}

/** What a worker is told first. */
export interface WorkerSetup {
  /** The address of the module that exports the scenario. */
  readonly module: string;
  readonly argument: unknown;
  readonly what: Varied;
  readonly definition: string;
  /** One number: other than 0 when the work is to end. */
  readonly stop: SharedArrayBuffer;
}

/** What a worker is told to do. */
export interface WorkerTask {
  readonly part: BranchRecord;
  readonly views: readonly string[];
  readonly runs: number | undefined;
  readonly milliseconds: number | undefined;
}

/** What a worker says. */
export type WorkerReply = { readonly progress: Progress } | { readonly done: Done } | {
  readonly error: string;
};

/** A worker could not do its work; the message says why. */
export class ExploreWorkerError extends Error {
  /** The name of the class. */
  override name = "ExploreWorkerError";
}

/** Workers that explore; they end with the `using` that holds them. */
export class ExploreWorkers implements Workers, Disposable {
  readonly #module: string;
  readonly #options: ExploreWorkersOptions;
  readonly #workers: ExploreWorker[] = [];

  /**
   * Made by {@linkcode exploreWorkers}.
   *
   * @internal
   */
  constructor(module: string, options: ExploreWorkersOptions) {
    this.#module = module;
    this.#options = options;
  }

  /** Asks them a question; starts them before the first one. */
  begin(what: Varied, definition: string): readonly Helper[] {
    const { count, argument } = this.#options;
    while (this.#workers.length < count) this.#workers.push(new ExploreWorker());
    for (const worker of this.#workers) {
      worker.begin({ module: this.#module, argument, what, definition });
    }
    return this.#workers;
  }

  /** Ends them. */
  [Symbol.dispose](): void {
    for (const worker of this.#workers.splice(0)) worker[Symbol.dispose]();
  }
}

/**
 * Makes workers for `explore()`, each on a processor of its own where there are as many. What comes of an exploration
 * is the same whatever their number, the number of runs included.
 *
 * @param module The address of a module that exports the scenario as `scenario`, or a function that makes it:
 *   `import.meta.resolve("./my_scenario.ts")`.
 *
 * @example
 * ```ts ignore
 * import { explore, exploreWorkers } from "../mod.ts";
 * import { scenario } from "./my_scenario.ts";
 * using workers = exploreWorkers(import.meta.resolve("./my_scenario.ts"), { count: 4 });
 * const result = await explore(scenario, { vary: ["initcalls"], workers });
 * ```
 */
export function exploreWorkers(module: string, options: ExploreWorkersOptions): ExploreWorkers {
  return new ExploreWorkers(module, options);
}

/** One worker, from outside. */
class ExploreWorker implements Helper, Disposable {
  readonly #worker = new Worker(new URL("./explore_worker.ts", import.meta.url), {
    type: "module",
  });
  readonly #stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

  /** From now on this is explored. */
  begin(setup: Omit<WorkerSetup, "stop">): undefined {
    Atomics.store(this.#stop, 0, 0);
    this.#worker.postMessage({ ...setup, stop: this.#stop.buffer });
  }

  explore(
    part: BranchRecord,
    views: readonly string[],
    { runs, milliseconds, progress }: PartOptions,
  ): Promise<Done> {
    const { promise, resolve, reject } = Promise.withResolvers<Done>();
    const hear = async ({ data }: MessageEvent<WorkerReply>) => {
      if ("done" in data) resolve(data.done);
      else if ("error" in data) reject(new ExploreWorkerError(data.error));
      else if (await progress?.(data.progress) === false) Atomics.store(this.#stop, 0, 1);
    };
    const fail = (event: ErrorEvent) => {
      event.preventDefault();
      reject(new ExploreWorkerError(event.message));
    };
    const listening = new AbortController();
    const { signal } = listening;
    this.#worker.addEventListener("message", hear, { signal });
    this.#worker.addEventListener("error", fail, { signal });
    this.#worker.postMessage({ part, views, runs, milliseconds } satisfies WorkerTask);
    return promise.finally(() => listening.abort());
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}
