import { ERRNO } from "../kernel/errno.ts";
import type { BootSpan } from "./boot_log.ts";

/** How something that took time ended, for colours and words. */
export type SpanOutcome =
  | "initcall"
  | "async"
  | "pm"
  /** A probe that worked. */
  | "bound"
  /** A probe that found nothing there: usual for empty slots. */
  | "absent"
  /** A probe that was put off. */
  | "deferred"
  | "failed";

/** In a result of a probe the sign only says whether the driver was called. */
const NOTHING_THERE: readonly number[] = [ERRNO.ENODEV, ERRNO.ENXIO];

/** How a span ended. */
export function outcomeOf({ kind, result = 0 }: BootSpan): SpanOutcome {
  if (kind === "probe") {
    if (result === 0) return "bound";
    if (Math.abs(result) === ERRNO.EPROBE_DEFER) return "deferred";
    return NOTHING_THERE.includes(Math.abs(result)) ? "absent" : "failed";
  }
  // Built-in code says ENODEV where there is no such hardware.
  if (result >= 0 || NOTHING_THERE.includes(-result)) return kind;
  return "failed";
}
