/**
 * Builtins for programs in the background and for signals.
 *
 * @module
 */
import { UsageError } from "./control.ts";
import { Killed, SIGNAL_TEXTS, SIGNALS } from "./errors.ts";
import { type Job, waitJob } from "./process.ts";
import type { Shell } from "./shell.ts";

function signalNumber(name: string): number {
  const known = SIGNALS[name.replace(/^SIG/, "")];
  if (known === undefined && !/^\d+$/.test(name)) throw new UsageError(`bad signal name '${name}'`);
  return known ?? Number(name);
}

function jobsOf(shell: Shell, target: string): readonly Job[] {
  if (target.startsWith("%")) {
    const job = shell.jobs.get(Number(target.slice(1)) || Math.max(...shell.jobs.keys()));
    if (job === undefined) throw new UsageError(`${target}: no such job`);
    return job.jobs;
  }
  const running = shell.os.running.get(Number(target));
  return running === undefined ? [] : [running];
}

/** `kill -l`: names of signals. */
async function listSignals(shell: Shell, wanted: readonly string[]): Promise<number> {
  for (const [name, value] of Object.entries(SIGNALS)) {
    if (wanted.length === 0) await shell.process.out(`${`${value}`.padStart(2)}) ${name}\n`);
    else if (wanted.includes(`${value}`)) await shell.process.out(`${name}\n`);
    else if (wanted.includes(name)) await shell.process.out(`${value}\n`);
  }
  return 0;
}

/** `kill [-s SIGNAL | -SIGNAL] TARGET…`, `kill -l [SIGNAL…]` */
export async function kill(shell: Shell, args: string[]): Promise<number> {
  const rest = args.slice(1);
  if (rest[0] === "-l") return await listSignals(shell, rest.slice(1));
  let signal = SIGNALS.TERM;
  if (rest[0] === "-s") signal = signalNumber(rest.splice(0, 2)[1]);
  else if (rest[0]?.startsWith("-")) signal = signalNumber(rest.splice(0, 1)[0].slice(1));
  let status = 0;
  for (const target of rest) {
    const jobs = jobsOf(shell, target);
    if (jobs.length === 0) {
      await shell.process.err(`${shell.init.name}: can't kill pid ${target}: No such process\n`);
      status = 1;
    }
    if (signal === 0) continue;
    for (const { task } of jobs) shell.os.kernel.sched.signal(task, new Killed(signal));
  }
  return status;
}

/** `wait [TARGET…]`: until they, or all, have ended. */
export async function wait(shell: Shell, args: string[]): Promise<number> {
  const targets = args.length > 1
    ? args.slice(1).flatMap((target) => jobsOf(shell, target))
    : [...shell.jobs.values()].flatMap(({ jobs }) => jobs);
  let status = 0;
  for (const job of targets) {
    status = await waitJob(job);
    const text = SIGNAL_TEXTS[job.signal ?? 0];
    if (text !== undefined && args.length > 1) await shell.process.err(`${text}\n`);
  }
  for (const [index, { jobs }] of [...shell.jobs]) {
    if (jobs.every((job) => job.status !== undefined)) shell.jobs.delete(index);
  }
  return args.length > 1 ? status : 0;
}

/** `jobs`: what runs in the background, or has ended since. */
export async function jobs(shell: Shell): Promise<number> {
  for (const [index, { jobs }] of [...shell.jobs]) {
    const job = jobs[jobs.length - 1];
    const state = job.status === undefined ? "Running" : "Done";
    // A shell without job control does not keep the text of its commands.
    await shell.process.out(`[${index}]+  ${state.padEnd(27)}\n`);
    if (job.status !== undefined) shell.jobs.delete(index);
  }
  return 0;
}

/** Number of a signal by its name as `trap` has it. */
function trapNumber(name: string): number {
  return name === "EXIT" ? 0 : SIGNALS[name] ?? Number(name);
}

/** `trap`: what is set. */
async function listTraps(shell: Shell): Promise<number> {
  const traps = [...shell.traps].sort(([a], [b]) => trapNumber(a) - trapNumber(b));
  for (const [name, action] of traps) {
    await shell.process.out(`trap -- '${action.replaceAll("'", "'\\''")}' ${name}\n`);
  }
  return 0;
}

/** `trap [ACTION] SIGNAL…`: without an action, or with `-`, the signals have their own again. */
export async function trap(shell: Shell, args: string[]): Promise<number> {
  const signals = args.slice(args[1] === "--" ? 2 : 1);
  if (signals.length === 0) return await listTraps(shell);
  const given = signals.length > 1 && !/^\d+$/.test(signals[0]) ? signals.shift() : "-";
  for (const signal of signals) {
    const name = signal === "0" ? "EXIT" : signal.replace(/^SIG/, "");
    if (given === undefined || given === "-") shell.traps.delete(name);
    else shell.traps.set(name, given);
  }
  return 0;
}
