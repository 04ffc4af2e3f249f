import { assertEquals, assertThrows } from "@std/assert";
import { ERRNO } from "../../kernel/errno.ts";
import { KernelError } from "../../kernel/errors.ts";
import { formatRecord, KERN_DEBUG } from "../../kernel/printk.ts";
import { TtyHandle } from "../../kernel/tty/tty_handle.ts";
import { bootConsoles, type ConsoleMachine } from "../_virtio_console_testing.ts";
import { hvcAlloc, hvcInstantiate, hvcRemove } from "./hvc_console.ts";
import type { HvcStruct, HvOps } from "./hvc_struct.ts";

/** A back end in the hands of a test. */
class Backend implements HvOps {
  pieces: string[] = [];
  input = "";
  gone = false;
  /** What the next calls of `putChars` answer instead of taking all. */
  answers: number[] = [];

  getChars(_vtermno: number, count: number): Uint8Array | number {
    if (this.gone) return -ERRNO.EPIPE;
    const taken = this.input.slice(0, count);
    this.input = this.input.slice(count);
    return new TextEncoder().encode(taken);
  }

  putChars(_vtermno: number, data: Uint8Array): number {
    const answer = this.answers.shift() ?? data.length;
    if (answer > 0) this.pieces.push(new TextDecoder().decode(data.subarray(0, answer)));
    return answer;
  }

  take(): string {
    return this.pieces.splice(0).join("");
  }
}

function alloc(vm: ConsoleMachine, vtermno: number, ops: HvOps): Promise<HvcStruct> {
  return vm.run(() => hvcAlloc(vm.kernel, vtermno, ops, 64));
}

/** What a console shows of the log. */
function consoleLog({ kernel: { log } }: ConsoleMachine): string {
  return log.records.filter(({ level }) => level < KERN_DEBUG).map((record) => formatRecord(record))
    .join("")
    .replaceAll("\n", "\r\n");
}

Deno.test("kernel messages go out in pieces of 16 bytes, and what is refused is lost", async () => {
  const vm = await bootConsoles("", { append: "console=hvc0" });
  const backend = new Backend();
  await alloc(vm, 7, backend);
  assertEquals(new Set(backend.pieces.slice(0, 3).map(({ length }) => length)), new Set([16]));
  assertEquals(backend.pieces.every(({ length }) => length <= 16), true);
  const log = consoleLog(vm);
  assertEquals(backend.take(), log);
  backend.answers = [5, -ERRNO.EAGAIN, 16, 0];
  vm.kernel.err("abcdefghijklmnopqrstuvwxyz");
  const line = vm.kernel.log.dmesg().split("\n").at(-2) + "\r\n";
  assertEquals(backend.take(), line.slice(0, 21) + line.slice(37));
});

Deno.test("a back end can print before there are terminals, and keeps its number", async () => {
  const early = new Backend();
  const vm = await bootConsoles("", {
    append: "console=hvc3",
    onKernel: (kernel) => hvcInstantiate(kernel, 9, 3, early),
  });
  const log = consoleLog(vm);
  assertEquals(early.take(), log);
  assertThrows(() => hvcInstantiate(vm.kernel, 10, 3, early), KernelError);
  assertThrows(() => hvcInstantiate(vm.kernel, 10, 16, early), KernelError);
  assertEquals((await alloc(vm, 9, early)).index, 3);
  assertEquals((await alloc(vm, 10, new Backend())).index, 0);
});

Deno.test("terminals get the lowest free number, and high ones past the consoles", async () => {
  const vm = await bootConsoles("");
  const all: HvcStruct[] = [];
  for (let i = 0; i < 18; i++) all.push(await alloc(vm, i, new Backend()));
  assertEquals(all.map(({ index }) => index), [...Array(16).keys(), 16, 17]);
  await vm.run(() => hvcRemove(all[5]));
  assertEquals((await alloc(vm, 99, new Backend())).index, 5);
});

Deno.test("input without interrupts is found by polling", async () => {
  const vm = await bootConsoles("");
  const backend = new Backend();
  await alloc(vm, 0, backend);
  const tty = await vm.open("hvc0");
  vm.kernel.sched.addTimer(vm.kernel.nowNs + 50_000_000, "typing", () => {
    backend.input = "typed\r";
  });
  assertEquals(await vm.run(() => tty.readText()), "typed\n");
});

Deno.test("output that the back end cannot take yet is sent later, in order", async () => {
  const vm = await bootConsoles("");
  const backend = new Backend();
  await alloc(vm, 0, backend);
  const tty = await vm.open("hvc0");
  backend.answers = [0, -ERRNO.EAGAIN, 3, 0, 0];
  const text = "0123456789".repeat(20);
  await vm.run(() => tty.write(text));
  await vm.run(() => vm.kernel.sched.sleep(1_000_000_000));
  assertEquals(backend.take(), text);
});

Deno.test("a back end that says EPIPE hangs the terminal up; it can be opened again", async () => {
  const vm = await bootConsoles("");
  const backend = new Backend();
  await alloc(vm, 0, backend);
  const tty = await vm.open("hvc0");
  vm.kernel.sched.addTimer(vm.kernel.nowNs + 50_000_000, "cut", () => {
    backend.gone = true;
  });
  assertEquals(await vm.run(() => tty.readText()), "");
  backend.gone = false;
  const again = await vm.run(() => TtyHandle.open(vm.kernel, "hvc0"));
  backend.input = "back\n";
  assertEquals(await vm.run(() => again.readText()), "back\n");
});
