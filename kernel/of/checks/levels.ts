import type { Check, DtcVersion } from "./check.ts";

/** What a check's findings are; neither means that it does not run for its own sake. */
export interface Level {
  /** Findings are warnings. */
  warning: boolean;
  /** Findings are errors, which beats warnings. */
  error: boolean;
}

/** Says that there is no check of a name. */
export class UnknownCheckError extends Error {
  /** Name of the class. */
  override name = "UnknownCheckError";
}

/** Which checks run, and what their findings are. */
export class CheckLevels {
  /** The checks, in the order in which they run. */
  readonly checks: readonly Check[];
  readonly #levels: Map<Check, Level>;

  /** Takes the table, and which dtc decides. */
  constructor(table: readonly Check[], version: DtcVersion) {
    this.checks = table.filter(({ only }) => only === undefined || only === version);
    this.#levels = new Map(this.checks.map((check) => [check, {
      warning: check.level === "warning",
      error: check.level === "error",
    }]));
  }

  /** The level of a check. */
  of(check: Check): Readonly<Level> {
    return this.#levels.get(check)!;
  }

  /**
   * Follows `-W` (`warning`) or `-E` (`error`): `name` raises a check and what it requires, `no-name`
   * lowers it and what requires it. dtc: parse_checks_option()
   *
   * @throws {UnknownCheckError} If there is no such check.
   */
  set(kind: keyof Level, option: string): void {
    const lower = /^no[-_]/.test(option);
    const name = lower ? option.slice(3) : option;
    const check = this.checks.find((check) => check.name === name);
    if (check === undefined) throw new UnknownCheckError(`there is no check \`${name}\``);
    if (lower) this.#lower(check, kind);
    else this.#raise(check, kind);
  }

  #raise(check: Check, kind: keyof Level): void {
    const level = this.#levels.get(check);
    if (level === undefined || level[kind]) return;
    for (const required of check.requires ?? []) this.#raise(required, kind);
    level[kind] = true;
  }

  #lower(check: Check, kind: keyof Level): void {
    const level = this.#levels.get(check)!;
    if (!level[kind]) return;
    level[kind] = false;
    for (const other of this.checks) {
      if (other.requires?.includes(check)) this.#lower(other, kind);
    }
  }
}
