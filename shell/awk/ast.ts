/**
 * The tree of an `awk` program.
 *
 * @module
 */

/** What can be assigned to. */
export type Target =
  | { readonly type: "name"; readonly name: string }
  | { readonly type: "field"; readonly index: Expression }
  | { readonly type: "element"; readonly name: string; readonly keys: readonly Expression[] };

/** Anything with a value. */
export type Expression =
  | Target
  | { readonly type: "number"; readonly value: number }
  | { readonly type: "text"; readonly value: string }
  | { readonly type: "regex"; readonly source: string }
  | { readonly type: "unary"; readonly operator: string; readonly operand: Expression }
  | {
    readonly type: "binary";
    readonly operator: string;
    readonly left: Expression;
    readonly right: Expression;
  }
  | {
    readonly type: "choice";
    readonly condition: Expression;
    readonly yes: Expression;
    readonly no: Expression;
  }
  | {
    readonly type: "assign";
    readonly operator: string;
    readonly target: Target;
    readonly value: Expression;
  }
  | {
    readonly type: "step";
    readonly target: Target;
    readonly by: number;
    readonly after: boolean;
  }
  | { readonly type: "in"; readonly keys: readonly Expression[]; readonly name: string }
  | { readonly type: "call"; readonly name: string; readonly args: readonly Expression[] }
  | { readonly type: "group"; readonly items: readonly Expression[] }
  | {
    readonly type: "getline";
    readonly from: "input" | "file" | "command";
    readonly source: Expression | undefined;
    readonly target: Target | undefined;
  };

/** Where `print` prints. */
export interface Redirect {
  readonly operator: ">" | ">>" | "|";
  readonly target: Expression;
}

/** What is done. */
export type Statement =
  | { readonly type: "expression"; readonly expression: Expression }
  | {
    readonly type: "print" | "printf";
    readonly args: readonly Expression[];
    readonly redirect: Redirect | undefined;
  }
  | {
    readonly type: "if";
    readonly condition: Expression;
    readonly yes: Statement;
    readonly no: Statement | undefined;
  }
  | {
    readonly type: "loop";
    readonly start: Statement | undefined;
    readonly condition: Expression | undefined;
    readonly step: Statement | undefined;
    readonly body: Statement;
    /** The body runs once before the condition is looked at. */
    readonly bodyFirst: boolean;
  }
  | {
    readonly type: "forIn";
    readonly variable: string;
    readonly name: string;
    readonly body: Statement;
  }
  | { readonly type: "block"; readonly statements: readonly Statement[] }
  | { readonly type: "delete"; readonly name: string; readonly keys: readonly Expression[] }
  | {
    readonly type: "exit" | "return";
    readonly value: Expression | undefined;
  }
  | { readonly type: "break" | "continue" | "next" | "nextfile" };

/** A pattern and what is done for each record that fits. */
export interface Rule {
  readonly from: Expression | undefined;
  /** The end of a range of records. */
  readonly to: Expression | undefined;
  readonly body: Statement;
}

/** A function of the program. */
export interface FunctionNode {
  readonly params: readonly string[];
  readonly body: Statement;
}

/** A whole program. */
export interface AwkProgram {
  readonly begin: readonly Statement[];
  readonly rules: readonly Rule[];
  readonly end: readonly Statement[];
  readonly functions: ReadonlyMap<string, FunctionNode>;
}
