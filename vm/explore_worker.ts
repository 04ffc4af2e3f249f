/// <reference lib="deno.worker" />
/**
 * A Web Worker that explores parts of a scenario; see `explore_workers.ts` for what it is told and says.
 *
 * @module
 */
import { PartExplorer } from "../lab/explore/helpers.ts";
import type { Scenario } from "../lab/explore/scenario.ts";
import type { Progress } from "../lab/explore/work.ts";
import type { WorkerReply, WorkerSetup, WorkerTask } from "./explore_workers.ts";

/** Time between two words about how far it is. */
const PROGRESS_MS = 50;

function say(reply: WorkerReply): undefined {
  self.postMessage(reply);
}

/** The scenario that the module has, as it was asked. */
async function scenarioOf({ module, argument, what, definition }: WorkerSetup): Promise<Scenario> {
  const { scenario: exported } = await import(module);
  if (exported === undefined) throw new TypeError(`${module} exports no 'scenario'`);
  const scenario: Scenario = typeof exported === "function" ? await exported(argument) : exported;
  const asked = scenario.varied?.(what) ?? scenario;
  if (asked.definition === definition) return asked;
  throw new TypeError(`the scenario that ${module} exports is not the one that is explored`);
}

/** Hears the tasks, and does one after the other. */
class Hand {
  readonly #stop: Int32Array;
  readonly #explorer: Promise<PartExplorer>;
  #saidMs = 0;

  constructor(setup: WorkerSetup) {
    this.#stop = new Int32Array(setup.stop);
    const now = () => performance.now();
    this.#explorer = scenarioOf(setup).then((scenario) => new PartExplorer(scenario, now));
    // Who asks for work hears of it.
    this.#explorer.catch(() => undefined);
  }

  async work({ part, views, runs, milliseconds }: WorkerTask): Promise<undefined> {
    try {
      const explorer = await this.#explorer;
      const done = await explorer.explore(part, views, {
        progress: (progress) => this.#tell(progress),
        ...runs === undefined ? {} : { runs },
        ...milliseconds === undefined ? {} : { milliseconds },
      });
      say({ done });
    } catch (error) {
      say({ error: (error as Error).message });
    }
  }

  #tell(progress: Progress): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#saidMs >= PROGRESS_MS) {
      this.#saidMs = nowMs;
      say({ progress });
    }
    return Atomics.load(this.#stop, 0) === 0;
  }
}

let hand: Hand | undefined;
self.onmessage = ({ data }: MessageEvent<WorkerSetup | WorkerTask>) => {
  if ("module" in data) hand = new Hand(data);
  else void hand?.work(data);
};
