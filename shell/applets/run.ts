/**
 * Programs that wait, and programs that become other programs.
 *
 * @module
 */
import type { Task } from "../../kernel/task.ts";
import { ExitStatus, SIGNALS } from "../errors.ts";
import { type Process, signalProcess, startProgram } from "../process.ts";
import { child, runAs } from "../programs.ts";
import { parseOptions } from "./options.ts";

const NS_PER_SECOND = 1_000_000_000;
const UNITS: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600, d: 86_400 };
const STATUS_NOT_FOUND = 127;

/** Nanoseconds of `1.5`, `2m`; a wrong one ends the program. */
async function duration(process: Process, text: string): Promise<number> {
  const match = /^(\d+(?:\.\d*)?|\.\d+)([smhd]?)$/.exec(text);
  if (match === null) {
    await process.complain(`invalid number '${text}'`);
    throw new ExitStatus(1);
  }
  return Math.round(Number(match[1]) * UNITS[match[2]] * NS_PER_SECOND);
}

/** `sleep TIME…` */
export async function sleep(process: Process): Promise<number> {
  let total = 0;
  for (const arg of process.args.slice(1)) total += await duration(process, arg);
  await process.sleep(total);
  return 0;
}

/** `usleep MICROSECONDS` */
export async function usleep(process: Process): Promise<number> {
  await process.sleep(Number(process.args[1]) * 1000);
  return 0;
}

/** Which signal comes after how long. */
type TimeoutPlan = readonly { readonly afterNs: number; readonly signal: number }[];

/** Ends the watched process, or finds that it has ended; looks once a second. busybox: timeout_wait() */
async function watch(self: Process, pid: number, plan: TimeoutPlan): Promise<number> {
  for (const { afterNs, signal } of plan) {
    for (let left = afterNs; left > 0; left -= NS_PER_SECOND) {
      await self.sleep(Math.min(left, NS_PER_SECOND));
      if (!signalProcess(self.os, pid, 0)) return 0;
    }
    signalProcess(self.os, pid, signal);
  }
  return 0;
}

/**
 * `timeout [-s SIGNAL] [-k TIME] TIME PROGRAM ARG…`: the program runs in this process. Another one watches it,
 * and keeps open what this one has, but for the standard files.
 */
export async function timeout(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "s:k:", leading: true });
  const [time, ...args] = options.rest;
  const name = (options.get("s") ?? "TERM").replace(/^SIG/, "");
  const plan = [{ afterNs: await duration(process, time), signal: SIGNALS[name] ?? Number(name) }];
  const kill = options.get("k");
  if (kill !== undefined) {
    plan.push({ afterNs: await duration(process, kill), signal: SIGNALS.KILL });
  }
  await startWatcher(process, plan);
  return await runOther(process, args);
}

async function startWatcher(process: Process, plan: TimeoutPlan): Promise<undefined> {
  const watcher = child(process, process.args);
  for (const number of [0, 1, 2]) {
    await watcher.fds.get(number)?.put();
    watcher.fds.delete(number);
  }
  const { pid } = process.kernel.sched.current as Task;
  startProgram(watcher, (self) => watch(self, pid, plan));
}

/** Becomes another program, or says that there is none. */
async function runOther(process: Process, args: readonly string[]): Promise<number> {
  const status = await runAs(process, args);
  if (status !== undefined) return status;
  await process.complain(`can't execute '${args[0]}': No such file or directory`);
  return STATUS_NOT_FOUND;
}

/** `env [-i] [-u NAME] [NAME=VALUE]… [PROGRAM ARG…]` */
export async function env(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "iu:0", leading: true });
  const values = new Map(options.has("i") ? [] : process.env);
  for (const name of options.all("u")) values.delete(name);
  const rest = [...options.rest];
  while (rest[0]?.includes("=")) {
    const [name, value] = (rest.shift() as string).split(/=(.*)/s);
    values.set(name, value);
  }
  if (rest.length === 0) {
    for (const [name, value] of values) await process.out(`${name}=${value}\n`);
    return 0;
  }
  return await runOther(Object.create(process, { env: { value: values } }) as Process, rest);
}

/** `nice`, `nohup`, `setsid`, `time`: the program as it is. */
export async function wrapped(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "n:cpf:o:", leading: true });
  return await runOther(process, options.rest);
}
