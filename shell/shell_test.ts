/**
 * The shell and its programs against busybox on the reference machine: `testdata/busybox.txt` was printed
 * there by a script that ran each line after `$ ` as `sh -c LINE </dev/null`, errors included.
 */
import { assertEquals, assertRejects } from "@std/assert";
import { DeadlockError } from "../kernel/task.ts";
import { boot } from "../vm/boot.ts";
import { embedded } from "../vm/machines.ts";
import { GuestShell } from "./mod.ts";

/** What differs, by the start of the command: the reason. */
const DIFFERS: Readonly<Record<string, string>> = {
  "if then": "the library's parser names another token",
};

interface Case {
  readonly command: string;
  readonly expected: string;
}

async function cases(): Promise<Case[]> {
  const text = await Deno.readTextFile(new URL("testdata/busybox.txt", import.meta.url));
  return text.split(/^\$ /m).slice(1).map((part) => {
    const recorded = `$ ${part}`;
    const { command } = commands.find(({ shown }) => recorded.startsWith(shown)) ??
      { command: part.split("\n")[0] };
    return { command, expected: recorded };
  });
}

/** Commands of more than one line, which the recording shows as they are. */
const commands = [
  {
    command:
      'echo /sys/class/tt* /nope/* [a] ~ {1,2} "*"; cat <<-EOF\n\tx $((1+1)) `echo y`\n\tEOF',
    shown: "$ echo /sys/class/tt*",
  },
];

const quoted = (text: string) => `'${text.replaceAll("'", `'"'"'`)}'`;

Deno.test("GuestShell.run() prints what busybox prints", async (t) => {
  await using vm = await boot(embedded([]), { append: "console=ttyAMA0 quiet ", modules: "all" });
  const shell = new GuestShell(vm.kernel);
  for (const { command, expected } of await cases()) {
    const known = Object.keys(DIFFERS).find((start) => command.startsWith(start));
    await t.step({
      name: command.split("\n")[0],
      ignore: known !== undefined,
      fn: async () => {
        const script = `try() { echo "\\$ $1"; sh -c "$1" </dev/null; echo "code $?"; }\n` +
          `try ${quoted(command)}`;
        const { output } = await shell.run(script, { name: "/guest.sh" });
        assertEquals(output.split("\n"), expected.split("\n"));
      },
    });
  }
});

/** Printed by busybox 1.35.0 (Debian 12) on another machine, each line as `sh -c LINE </dev/null` with `/tmp` empty. */
Deno.test("GuestShell.run() prints what busybox prints: text programs, tests, traps, getopts", async (t) => {
  const text = await Deno.readTextFile(new URL("testdata/texts.txt", import.meta.url));
  for (const part of text.split(/^\$ /m).slice(1)) {
    const [command] = part.split("\n");
    await t.step(command, async () => {
      await using vm = await boot(embedded([]), { log: false, modules: "all" });
      const script = `sh -c ${quoted(command)} </dev/null\nc=$?\necho "code $c"`;
      const { output } = await (await vm.shell()).run(script, { terminal: false });
      assertEquals(output.split("\n"), part.slice(command.length + 1).split("\n"));
    });
  }
});

async function run(script: string, name?: string) {
  await using vm = await boot(embedded([]), { log: false });
  return await new GuestShell(vm.kernel).run(script, name === undefined ? {} : { name });
}

Deno.test("GuestShell.run() keeps the order of both outputs", async () => {
  const { output, stdout, stderr, code } = await run("echo a; echo b >&2; echo c; exit 3");
  assertEquals([output, stdout, stderr, code], ["a\nb\nc\n", "a\nc\n", "b\n", 3]);
});

Deno.test("GuestShell.run() names file and line in messages of a script file", async () => {
  const { output } = await run("true\nnosuch\necho x > /sys/nosuch\n", "/guest.sh");
  assertEquals(
    output,
    "/guest.sh: line 2: nosuch: not found\n" +
      "/guest.sh: line 3: can't create /sys/nosuch: Permission denied\n",
  );
});

Deno.test("GuestShell.run() lets a background program run until the script ends", async () => {
  await using vm = await boot(embedded([]), { log: false });
  const shell = new GuestShell(vm.kernel);
  const { output } = await shell.run("(sleep 2; echo late) & sleep 1; echo early; wait; echo end");
  assertEquals(output, "early\nlate\nend\n");
  assertEquals(Math.floor(vm.kernel.nowNs / 1e9), 2);
});

Deno.test("GuestShell.run() fails when a script waits for what cannot come", async () => {
  const kmsg = "dmesg -c >/dev/null; cat /dev/kmsg";
  await assertRejects(() => run(kmsg), DeadlockError, "kernel log");
});

Deno.test("GuestShell.run() passes any byte through pipes and variables", async () => {
  const { output } = await run(`x=$(printf '\\377\\200a'); printf "$x" | od -An -tx1`);
  assertEquals(output, " ff 80 61\n");
});

Deno.test("GuestShell.run() ends at poweroff", async () => {
  const { output, off, code } = await run("echo before; poweroff; echo after");
  assertEquals([output, off, code], ["before\n", "poweroff", 0]);
});

Deno.test("GuestShell.repl() runs lines, asks for the rest of an open one, keeps the status", async () => {
  await using vm = await boot(embedded([]), { log: false });
  const lines = ["x=1", "for i in 1 2; do", "echo $i$x |", "cat", "done", "cd /proc", "(exit 5)"];
  const prompts: string[] = [];
  let printed = "";
  const code = await new GuestShell(vm.kernel).repl({
    readLine: async (prompt) => {
      prompts.push(prompt);
      return lines.shift();
    },
    write: (bytes) => {
      printed += new TextDecoder().decode(bytes);
    },
  });
  assertEquals(code, 5);
  assertEquals(printed, "11\n21\n");
  assertEquals(prompts, ["/ # ", "/ # ", "> ", "> ", "> ", "/ # ", "/proc # ", "/proc # "]);
});

Deno.test("GuestShell.repl() ends at exit wherever it stands, and not at mistakes", async () => {
  await using vm = await boot(embedded([]), { log: false });
  const lines = [
    "echo ${x?unset}",
    "fi",
    "exec </nope",
    "shift x",
    "if true; then exit 3; fi",
  ];
  let printed = "";
  const code = await new GuestShell(vm.kernel).repl({
    readLine: async () => lines.shift(),
    write: (bytes) => {
      printed += new TextDecoder().decode(bytes);
    },
  });
  assertEquals(code, 3);
  assertEquals(printed.trimEnd().split("\n").length, 4);
});
