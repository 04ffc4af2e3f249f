/**
 * What a report of an exploration shows, as plain data: the lab fills it in, `page.ts` draws it.
 *
 * @module
 */

/** A whole report. */
export interface Report {
  /** What was explored: the scenario's name. */
  readonly title: string;
  /** What the result is worth: `exhaustive`, `bounded by …`, `sampled with seed …`. */
  readonly claim: string;
  /** How many orders there are, where somebody knows. */
  readonly orders: bigint | undefined;
  /** How many runs were made. */
  readonly runs: number;
  /** The ways it ends, that of the default order first. */
  readonly outcomes: readonly ReportOutcome[];
}

/** One way in which it ends. */
export interface ReportOutcome {
  /** What somebody sees, by the name of the view: `bindings`, `names`, `errors`. */
  readonly views: Readonly<Record<string, string>>;
  /** Classes of equivalent orders that end so. */
  readonly classes: number;
  /** Orders that end so, where somebody has counted. */
  readonly orders: bigint | undefined;
  /** Names of the steps of the run that is nearest to the default. */
  readonly steps: readonly string[];
  /** The smallest change that leads here, one sentence each; none for the default. */
  readonly changes: readonly string[];
  /** The read that made the difference, in a sentence; `undefined` where nobody knows. */
  readonly reason: string | undefined;
  /** Names the run. */
  readonly replay: string;
}
