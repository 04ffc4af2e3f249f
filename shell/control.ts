/**
 * Ways out of a command that are not its end.
 *
 * @module
 */
import { ExitStatus } from "./errors.ts";

/** `break`: leaves loops. */
export class BreakLoop extends Error {
  override name = "BreakLoop";

  constructor(public levels: number) {
    super("break outside a loop");
  }
}

/** `continue`: starts a loop's next round. */
export class ContinueLoop extends Error {
  override name = "ContinueLoop";

  constructor(public levels: number) {
    super("continue outside a loop");
  }
}

/** `return`: leaves a function or a sourced script; outside of both it ends the shell or subshell. */
export class ReturnFrom extends ExitStatus {
  override name = "ReturnFrom";
}

/** A builtin was used wrongly: the message without the shell's name. */
export class UsageError extends Error {
  override name = "UsageError";
}
