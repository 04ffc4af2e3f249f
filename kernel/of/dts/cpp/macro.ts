import type { Span } from "../source.ts";
import type { PpToken } from "./pp_token.ts";

/** A macro. */
export interface Macro {
  readonly name: string;
  /** Names of parameters, `undefined` if it takes none and needs no parentheses. */
  readonly parameters: readonly string[] | undefined;
  /** Whether the last parameter takes all arguments that are left. */
  readonly variadic: boolean;
  readonly body: readonly PpToken[];
  /** Where its name stands in the definition; `undefined` if it was there before. */
  readonly definedAt: Span | undefined;
  /** Makes the text of `__LINE__` and its like. */
  readonly builtin: ((use: PpToken) => PpToken) | undefined;
  /** While it is being expanded, it is a name like any other. */
  disabled: boolean;
}

/** Whether a second definition says the same. C11, 6.10.3 paragraph 2 */
export function sameMacro(a: Macro, b: Macro): boolean {
  return (a.parameters === undefined) === (b.parameters === undefined) &&
    a.variadic === b.variadic &&
    (a.parameters ?? []).join() === (b.parameters ?? []).join() &&
    a.body.length === b.body.length &&
    a.body.every((token, index) => sameToken(token, b.body[index]));
}

function sameToken(a: PpToken, b: PpToken): boolean {
  return a.kind === b.kind && a.text === b.text && a.flags === b.flags &&
    a.parameter === b.parameter;
}
