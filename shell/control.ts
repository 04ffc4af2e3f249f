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

/** `return`: leaves a function or a sourced script. */
export class ReturnFrom extends Error {
  override name = "ReturnFrom";

  constructor(readonly status: number) {
    super("return outside a function");
  }
}

/** A builtin was used wrongly: the message without the shell's name. */
export class UsageError extends Error {
  override name = "UsageError";
}
