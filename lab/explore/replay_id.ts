/**
 * Short names of runs, to be typed into a shell: `pg1-0k3x9d-0x12.3-7f`.
 *
 * The version of the model, the scenario, the answers (a number, or `NxCOUNT` for several in a row; zeros at the
 * end are left out), and a checksum.
 *
 * @module
 */
import { fingerprint } from "./hash.ts";
import type { Scenario } from "./scenario.ts";

/** Changes whenever the same answers may give another run. */
export const MODEL_VERSION = 1;

const FORM = /^pg(\d+)-([0-9a-z]{6})-([0-9x.]*)-([0-9a-z]{2})$/;
const ITEM = /^(\d+)(?:x(\d+))?$/;
const ANSWERS_MAX = 1_000_000;

/** A replay id cannot be used; the message says why, in one line. */
export class ReplayIdError extends Error {
  /** The name of the class. */
  override name = "ReplayIdError";
}

function scenarioPart({ definition }: Scenario): string {
  return fingerprint(definition).slice(-6);
}

function checksum(text: string): string {
  return fingerprint(text).slice(-2);
}

/** `[0, 0, 0, 3]` becomes `0x3.3`. */
function runLengths(vector: readonly number[]): string {
  const items: string[] = [];
  for (let i = 0; i < vector.length;) {
    let end = i + 1;
    while (end < vector.length && vector[end] === vector[i]) end++;
    items.push(end - i === 1 ? `${vector[i]}` : `${vector[i]}x${end - i}`);
    i = end;
  }
  return items.join(".");
}

function parseVector(text: string, id: string): number[] {
  const vector: number[] = [];
  for (const item of text === "" ? [] : text.split(".")) {
    const [, value, count = "1"] = ITEM.exec(item) ?? [];
    if (value === undefined || vector.length + Number(count) > ANSWERS_MAX) {
      throw new ReplayIdError(`replay id '${id}': '${item}' is no answer`);
    }
    for (let i = Number(count); i > 0; i--) vector.push(Number(value));
  }
  return vector;
}

/** The name of the run of a scenario that these answers give. */
export function replayId(scenario: Scenario, vector: readonly number[]): string {
  const text = `pg${MODEL_VERSION}-${scenarioPart(scenario)}-${runLengths(vector)}`;
  return `${text}-${checksum(text)}`;
}

/**
 * The answers that a name stands for.
 *
 * @throws {ReplayIdError} When it is no such name, was mistyped, is of another version or another scenario.
 */
export function parseReplayId(scenario: Scenario, id: string): number[] {
  const [, version, hash, vector, check] = FORM.exec(id) ?? [];
  if (check === undefined) {
    throw new ReplayIdError(`'${id}' is no replay id; one looks like pg1-0k3x9d-0x12.3-7f`);
  }
  if (checksum(id.slice(0, -3)) !== check) {
    throw new ReplayIdError(`replay id '${id}' is mistyped: its checksum does not fit`);
  }
  if (Number(version) !== MODEL_VERSION) {
    throw new ReplayIdError(
      `replay id '${id}' was made with version ${version} of the model, this is ${MODEL_VERSION}: explore again`,
    );
  }
  const own = scenarioPart(scenario);
  if (hash !== own) {
    throw new ReplayIdError(
      `replay id '${id}' is of another scenario (${hash}, this is ${own}): use the options it was made with`,
    );
  }
  return parseVector(vector, id);
}
