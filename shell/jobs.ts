/**
 * Builtins for programs in the background and for signals.
 *
 * @module
 */
import { UsageError } from "./control.ts";
import { Killed, SIGNAL_TEXTS, signalName, SIGNALS } from "./errors.ts";
import { type Job, signalProcess, waitJob } from "./process.ts";
import type { Shell } from "./shell.ts";

function signalNumber(name: string): number | undefined {
  return SIGNALS[name.replace(/^SIG/, "")] ?? (/^\d+$/.test(name) ? Number(name) : undefined);
}

/** What a `%` or a process number names: the shell's own, or any that runs. */
function jobsOf(shell: Shell, target: string): readonly Job[] {
  if (target.startsWith("%")) {
    const job = shell.jobs.get(Number(target.slice(1)) || Math.max(...shell.jobs.keys()));
    if (job === undefined) throw new UsageError(`${target}: no such job`);
    return job.jobs;
  }
  const own = [...shell.jobs.values()].find(({ pid }) => pid === Number(target));
  const job = own?.jobs.at(-1) ?? shell.os.running.get(Number(target));
  return job === undefined ? [] : [job];
}

/** Runs the traps of the signals that came. */
export async function runTraps(shell: Shell): Promise<undefined> {
  const { status } = shell;
  while (shell.caught.length > 0) {
    await shell.executor.run(shell.caught.shift() as string);
    shell.status = status;
  }
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

/** Sends a signal to one target; false when there is none. */
function send(shell: Shell, target: string, signal: number): boolean {
  const pids = target.startsWith("%")
    ? jobsOf(shell, target).map(({ task }) => task.pid)
    : [Number(target)];
  const sent = pids.filter((pid) => signalProcess(shell.os, pid, signal));
  if (sent.length > 0) return true;
  if (pids[0] !== shell.pid) return false;
  throw new Killed(signal);
}

/** `kill [-s SIGNAL | -SIGNAL] TARGET…`, `kill -l [SIGNAL…]` */
export async function kill(shell: Shell, args: string[]): Promise<number> {
  const rest = args.slice(1);
  if (rest[0] === "-l") return await listSignals(shell, rest.slice(1));
  let name = "TERM";
  if (rest[0] === "-s") name = rest.splice(0, 2)[1];
  else if (rest[0]?.startsWith("-")) name = rest.splice(0, 1)[0].slice(1);
  const signal = signalNumber(name);
  const complain = async (text: string) => {
    await shell.process.err(`sh: ${text}\n`);
    return 1;
  };
  if (signal === undefined) return await complain(`bad signal name '${name}'`);
  if (rest.length === 0) return await complain("you need to specify whom to kill");
  let status = 0;
  for (const target of rest) {
    if (send(shell, target, signal)) continue;
    status = await complain(`can't kill pid ${target}: No such process`);
  }
  await runTraps(shell);
  return status;
}

const STATUS_NO_CHILD = 127;

/** `wait [TARGET…]`: until they, or all, have ended. */
export async function wait(shell: Shell, args: string[]): Promise<number> {
  if (args.length === 1) {
    for (const { jobs } of shell.jobs.values()) for (const job of jobs) await waitJob(job);
    shell.jobs.clear();
    return 0;
  }
  let status = 0;
  for (const target of args.slice(1)) {
    const jobs = jobsOf(shell, target);
    if (jobs.length === 0) status = STATUS_NO_CHILD;
    for (const job of jobs) {
      status = await waitJob(job);
      const text = SIGNAL_TEXTS[job.signal ?? 0];
      if (text !== undefined) await shell.process.err(`${text}\n`);
    }
  }
  return status;
}

function stateOf({ status, signal }: Job): string {
  if (status === undefined) return "Running";
  if (signal !== undefined) return SIGNAL_TEXTS[signal] ?? "";
  return status === 0 ? "Done" : `Done(${status})`;
}

/** `jobs`: what runs in the background, or has ended since. */
export async function jobs(shell: Shell): Promise<number> {
  for (const [index, { jobs }] of [...shell.jobs]) {
    const job = jobs[jobs.length - 1];
    const state = stateOf(job);
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
  let status = 0;
  for (const signal of signals) {
    const number = signal === "EXIT" ? 0 : signalNumber(signal);
    if (number === undefined) {
      await shell.message(`${signal}: invalid signal specification`);
      status = 1;
      continue;
    }
    const name = signalName(number);
    if (given === undefined || given === "-") shell.traps.delete(name);
    else shell.traps.set(name, given);
  }
  return status;
}
