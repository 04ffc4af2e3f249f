/**
 * What the machine does beside what every machine does: how it ends, and what it leaves.
 */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { lacks } from "../../tests/peers.ts";
import { boot } from "../../vm/boot.ts";
import { QemuExitError, QemuUnavailableError } from "./errors.ts";
import { qemu, type QemuMachine } from "./machine.ts";
import { checkVersion, findQemu } from "./program.ts";

const ignore = lacks("qemu-system-aarch64");
const DISK = "-drive if=none,id=d0,file=d.img,format=raw -device virtio-blk-device,drive=d0";

function diskMachine(): QemuMachine {
  return qemu(DISK.split(" "), { images: { "d.img": new Uint8Array(1 << 20) } });
}

function isAlive(pid: number): boolean {
  try {
    // A process that nobody has waited for yet has ended nevertheless.
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function assertGone(pid: number): Promise<void> {
  for (let tries = 0; tries < 100 && isAlive(pid); tries++) await pause(20);
  assertEquals(isAlive(pid), false);
}

// The program

Deno.test("findQemu() says what to install", () => {
  const error = assertThrows(() => findQemu("qemu-system-nowhere"), QemuUnavailableError);
  assert(error.message.includes("qemu-system-nowhere"));
  assert(error.message.includes("apt install qemu-system-arm"));
});

Deno.test("checkVersion() accepts 7.2 and newer", () => {
  for (const [major, minor] of [[7, 2], [7, 3], [8, 0], [11, 0]]) {
    assertEquals(checkVersion("qemu", { major, minor, micro: 0 }), undefined);
  }
  for (const [major, minor] of [[7, 1], [6, 9], [5, 2]]) {
    const check = () => checkVersion("qemu", { major, minor, micro: 4 });
    assertThrows(
      check,
      QemuUnavailableError,
      `version ${major}.${minor}.4; the machine qemu needs`,
    );
  }
});

Deno.test({
  name: "boot() fails with QEMU's own words, in one line, for a device that is not there",
  ignore,
  async fn() {
    const machine = qemu(["-device", "virtio-nothing-device"]);
    const error = await assertRejects(() => boot(machine), QemuExitError);
    assert(error.message.includes("'virtio-nothing-device' is not a valid device model name"));
    assert(error.commandLine.includes("virtio-nothing-device"));
    assertEquals(error.message.split("\n").length, 1);
  },
});

/** What `--version` prints, and what is said about a program that prints it and ends. */
const PROGRAMS: readonly (readonly [says: string, message: string])[] = [
  ["QEMU emulator version 4.2.0 (Debian 1:4.2-3)", "is version 4.2.0; the machine qemu needs 7.2"],
  ["hello", "is not a QEMU: to --version it says 'hello'"],
  ["QEMU emulator version 8.0.1", "QEMU has ended: it said nothing"],
];

for (const [says, message] of PROGRAMS) {
  Deno.test({
    name: `boot() with a program that says '${says}': ${message}`,
    ignore,
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        const program = `${folder}/qemu`;
        await Deno.writeTextFile(program, `#!/bin/sh\necho '${says}'\n`, { mode: 0o755 });
        await assertRejects(() => boot(qemu([], { program })), Error, message);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

// Memory and registers

Deno.test({
  name: "guest memory is the same for QEMU and for us, both ways",
  ignore,
  async fn() {
    await using machine = qemu();
    const bytes = new Uint8Array(machine.ram);
    const { qtest } = machine.connection;
    bytes.set([1, 2, 3, 250], 0x500000);
    assertEquals(qtest.readMemory(0x40500000, 4), Uint8Array.of(1, 2, 3, 250));
    const large = Uint8Array.from({ length: (1 << 20) + 100 }, (_, i) => i * 7 & 255);
    qtest.writeMemory(0x40600000, large);
    assertEquals(bytes.subarray(0x600000, 0x600000 + large.length).join(), large.join());
  },
});

Deno.test({
  name: "memory of a machine that is off cannot be touched any more",
  ignore,
  async fn() {
    const machine = qemu();
    const { ram } = machine;
    assert(ram.byteLength === 128 << 20);
    await machine[Symbol.asyncDispose]();
    assertEquals(ram.byteLength, 0);
    assertThrows(() => machine.read(0xa000000, 4), Error, "switched off");
  },
});

Deno.test({
  name: "the processor is off: an idle QEMU uses no time",
  ignore,
  async fn() {
    await using machine = qemu();
    machine.read(0xa000000, 4);
    const ticks = () => {
      const stat = Deno.readTextFileSync(`/proc/${machine.connection.process.pid}/stat`);
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return Number(fields[11]) + Number(fields[12]);
    };
    const before = ticks();
    await pause(400);
    assert(ticks() - before <= 4, "QEMU is busy although nobody asks it for anything");
  },
});

Deno.test({
  name: "qmp() speaks QEMU's words, and hides our own connections",
  ignore,
  async fn() {
    await using machine = qemu("-chardev script,id=c0 -chardev null,id=c1".split(" "));
    const list = await machine.qmp("query-chardev") as { label: string; filename: string }[];
    const names = list.map(({ label, filename }) => `${label} ${filename}`).sort();
    assertEquals(names, ["c0 script", "c1 null"]);
    await assertRejects(() => machine.qmp("no-such-command"), Error, "has not been found");
    await assertRejects(() => machine.qmp("set_link", { name: "n", up: true }), Error, "not found");
    assertThrows(() => machine.chardev("c1"), Error, "known: c0");
  },
});

// The end

const KILLED: Readonly<Record<string, (machine: QemuMachine, kill: () => void) => Promise<void>>> =
  {
    "while requests are under way": async (machine, kill) => {
      await using vm = await boot(machine);
      const vda = vm.block("vda");
      setTimeout(kill, 20);
      for (let sector = 0;; sector = (sector + 1) % 2048) {
        await vda.read(sector);
        if (sector % 64 === 0) await pause(0);
      }
    },
    "while nothing happens, before a request": async (machine, kill) => {
      await using vm = await boot(machine);
      kill();
      await pause(50);
      await vm.block("vda").read(0);
    },
    "between a request and its end": async (machine, kill) => {
      await using vm = await boot(machine);
      const read = vm.block("vda").read(0);
      kill();
      await read;
      await vm.block("vda").read(1);
    },
    "before the kernel boots": async (machine, kill) => {
      machine.ram;
      kill();
      await using _ = await boot(machine);
    },
  };

for (const [when, run] of Object.entries(KILLED)) {
  Deno.test({
    name: `QEMU killed ${when}: an exception, not a wait without end`,
    ignore,
    async fn() {
      const machine = diskMachine();
      const kill = () => Deno.kill(machine.connection.process.pid, "SIGKILL");
      await assertRejects(() => run(machine, kill), QemuExitError, "QEMU has ended");
    },
  });
}

Deno.test({
  name: "QEMU killed while a task waits for the outside: the task hears of it",
  ignore,
  async fn() {
    const args = "-device virtio-serial-device -chardev script,id=c -device virtconsole,chardev=c";
    const machine = qemu(args.split(" "));
    await using vm = await boot(machine);
    const read = vm.console("hvc0").read();
    setTimeout(() => Deno.kill(machine.connection.process.pid, "SIGKILL"), 50);
    await assertRejects(() => read, QemuExitError);
  },
});

const IMPORTS = `import { boot } from "${new URL("../../mod.ts", import.meta.url)}";
  import { qemu } from "${new URL("./machine.ts", import.meta.url)}";`;

/** Boots that end, counted in a program of their own: the files of a parallel run share a process. */
const TWENTY_BOOTS = `
  ${isAlive}
  const state = () => ({
    descriptors: [...Deno.readDirSync("/proc/self/fd")].length,
    mappings: Deno.readTextFileSync("/proc/self/maps").split("paraguest-").length - 1,
  });
  // Deno makes its pipe for signals when it first waits for one: a child's end, at a time of its own.
  Deno.addSignalListener("SIGUSR1", () => {});
  let before, alive = 0;
  for (let i = 0; i < 21; i++) {
    const machine = qemu(["-device", "virtio-keyboard-device"]);
    const vm = await boot(machine);
    const { pid } = machine.connection.process;
    await vm[Symbol.asyncDispose]();
    if (isAlive(pid)) alive++;
    // The first may open what the program keeps.
    if (i === 0) before = state();
  }
  console.log(JSON.stringify({ alive, before, after: state() }));
  Deno.exit();`;

Deno.test({
  name: "twenty boots leave no process, descriptor or mapping behind",
  ignore,
  async fn() {
    const config = new URL("../../deno.json", import.meta.url).pathname;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--config", config, "--ext=ts", "-"],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`${IMPORTS}\n${TWENTY_BOOTS}`));
    await writer.close();
    const { stdout } = await child.output();
    const { alive, before, after } = JSON.parse(new TextDecoder().decode(stdout));
    assertEquals({ alive, ...after }, { alive: 0, ...before });
  },
});

/** A script in a program of its own, which says the number of its QEMU and then ends in some way. */
function script(end: string): string {
  return `${IMPORTS}
    const machine = qemu([]); const vm = await boot(machine);
    console.log(machine.connection.process.pid);
    ${end}`;
}

const ENDS: readonly { name: string; end: string; signal?: Deno.Signal }[] = [
  { name: "comes to its end without switching the machine off", end: "" },
  { name: "throws", end: "throw new Error('on purpose');" },
  { name: "calls Deno.exit()", end: "Deno.exit(3);" },
  { name: "gets SIGINT", end: "setInterval(() => vm, 1000);", signal: "SIGINT" },
  { name: "gets SIGTERM", end: "for (;;) { vm; }", signal: "SIGTERM" },
  { name: "gets SIGKILL", end: "for (;;) { vm; }", signal: "SIGKILL" },
];

for (const { name, end, signal } of ENDS) {
  Deno.test({
    name: `QEMU ends with a script that ${name}, and leaves no file`,
    ignore,
    async fn() {
      const temporary = await Deno.makeTempDir();
      const config = new URL("../../deno.json", import.meta.url).pathname;
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", "--config", config, "--ext=ts", "-"],
        env: { TMPDIR: temporary },
        stdin: "piped",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(script(end)));
      await writer.close();
      const reader = child.stdout.getReader();
      const pid = Number(new TextDecoder().decode((await reader.read()).value));
      assert(pid > 0, "the script has not started a QEMU");
      if (signal !== undefined) child.kill(signal);
      await child.status;
      await reader.cancel();
      await assertGone(pid);
      assertEquals([...Deno.readDirSync(temporary)].map(({ name }) => name), []);
      await Deno.remove(temporary);
    },
  });
}
