/**
 * Messages that come too often.
 *
 * Linux: lib/ratelimit.c, include/linux/printk.h
 *
 * @module
 */
import type { Kernel } from "./kernel.ts";
import { KERN_WARNING } from "./printk.ts";
import { Slot } from "./slot.ts";

/** Linux: DEFAULT_RATELIMIT_INTERVAL */
const INTERVAL_NS = 5_000_000_000;
/** Linux: DEFAULT_RATELIMIT_BURST */
const BURST = 10;

/** What one place in the kernel has printed lately. Linux: struct ratelimit_state */
interface RatelimitState {
  beginNs: number;
  printed: number;
  missed: number;
}

const STATES: Slot<Map<string, RatelimitState>> = new Slot("ratelimit", () => new Map());

/**
 * Prints a message unless its place in the kernel has printed ten in the last five seconds.
 *
 * Linux: printk_ratelimited()
 *
 * @param place Linux's function that prints it; says later how many were left out.
 * @param level A `KERN_*` number.
 */
export function printkRatelimited(
  kernel: Kernel,
  place: string,
  level: number,
  text: string,
): undefined {
  const states = kernel.get(STATES);
  let state = states.get(place);
  if (state === undefined) {
    states.set(place, state = { beginNs: kernel.nowNs, printed: 0, missed: 0 });
  }
  if (kernel.nowNs > state.beginNs + INTERVAL_NS) {
    if (state.missed > 0) {
      kernel.printk(KERN_WARNING, `${place}: ${state.missed} callbacks suppressed`);
    }
    Object.assign(state, { beginNs: kernel.nowNs, printed: 0, missed: 0 });
  }
  if (state.printed === BURST) {
    state.missed++;
    return;
  }
  state.printed++;
  kernel.printk(level, text);
}
