import { assert, assertEquals } from "@std/assert";
import { lacks } from "../tests/peers.ts";
import { runDtc } from "./dtc.ts";

/** What a run left behind. */
interface Outcome {
  code: number;
  output: Uint8Array;
  messages: string[];
}

/** Runs `paraguest dtc` in a folder, with `input` at its standard input. */
function dtc(words: string, input: string | Uint8Array = "", folder = "/nowhere/"): Outcome {
  const outcome: Outcome = { code: -1, output: new Uint8Array(0), messages: [] };
  const host = {
    folder,
    isTerminal: false,
    stdin: () => typeof input === "string" ? new TextEncoder().encode(input) : input,
    stdout: (bytes: Uint8Array) => {
      outcome.output = bytes.slice();
    },
    stderr: (line: string) => {
      outcome.messages.push(line);
    },
  };
  outcome.code = runDtc(words.split(" ").filter((word) => word !== ""), host);
  return outcome;
}

const BAD = "/dts-v1/;\n/ { a { }; l: a { }; };\n";

Deno.test("paraguest dtc says what is wrong in lines, frames or JSON", () => {
  const lines = dtc("--format=line", BAD).messages;
  assertEquals(lines[0], "<stdin>:2:15: ERROR (duplicate_node_names): /a: duplicate node name");
  assertEquals(lines.filter((line) => /error/i.test(line)), [
    lines[0],
    "<stdin>: ERROR (phandle_references): failed prerequisite 'duplicate_node_names'",
    "<stdin>: ERROR (path_references): failed prerequisite 'duplicate_node_names'",
    "<stdin>: ERROR (omit_unused_nodes): failed prerequisite 'phandle_references'",
    "<stdin>: ERROR (omit_unused_nodes): failed prerequisite 'path_references'",
    "paraguest dtc: the tree has errors; -f writes it all the same",
  ]);
  const frames = dtc("--format=frames", BAD).messages;
  assertEquals(frames.length, 3);
  assert(frames[0].includes("first defined here"), frames[0]);
  assert(
    /^paraguest dtc: \d+ checks could not run because of that: (\w+, ){2}\w+ and \d+ more, /.test(
      frames[1],
    ),
    frames[1],
  );
  const [json] = dtc("--format json", BAD).messages;
  const { severity, check, labels } = JSON.parse(json);
  assertEquals([severity, check, labels.length], ["error", "duplicate_node_names", 2]);
});

Deno.test("paraguest dtc ends with dtc's exit codes", () => {
  assertEquals(dtc("", "/dts-v1/; / { };").code, 0);
  assertEquals(dtc("", "/dts-v1/; / { a = };").code, 1);
  assertEquals(dtc("", BAD).code, 2);
  assertEquals(dtc("-f", BAD).code, 0);
  assertEquals(dtc("-W no-nonsense", "/dts-v1/; / { };").code, 1);
  assertEquals(dtc("-I dtb", "/dts-v1/; / { };").code, 1);
  assertEquals(dtc("nowhere.dts").code, 1);
  assertEquals(dtc("--help").code, 0);
});

Deno.test("paraguest dtc says less with every -q", () => {
  assert(dtc("", BAD).messages.some((line) => line.includes("Warning")));
  assert(dtc("-q", BAD).messages.every((line) => !line.includes("Warning")));
  assertEquals(dtc("-qq", BAD).messages, []);
  assertEquals(
    dtc("-qf", BAD).messages.at(-1),
    "paraguest dtc: the tree has errors; written all the same",
  );
  assertEquals(dtc("-qqqf", BAD).messages, []);
});

Deno.test("paraguest dtc names the file and what is wrong in one line", () => {
  const says = (words: string, input?: string) => dtc(words, input).messages.join("\n");
  assertEquals(
    says("nowhere.dts"),
    "paraguest dtc: cannot read nowhere.dts: No such file or directory",
  );
  assertEquals(
    says("-I dtb", "nonsense"),
    "paraguest dtc: <stdin>: Cannot read device tree blob: offset 0x0: magic is 0x6e6f6e73, " +
      "expected 0xd00dfeed",
  );
  assertEquals(says("-a 3"), "paraguest dtc: -a 3 is no power of two");
  const tree = dtc("", "/dts-v1/; / { };").output;
  assertEquals(dtc("-I dtb -O yaml", tree).messages, [
    "paraguest dtc: -O yaml needs source as input: -I dts",
  ]);
  assertEquals(says("-V 4", "/dts-v1/; / { };"), "paraguest dtc: -V 4 is none of 1, 2, 3, 16, 17");
  assertEquals(
    says("-E no-duplicate_node_name"),
    "paraguest dtc: there is no check `duplicate_node_name`",
  );
});

Deno.test("paraguest dtc reads a folder as dtc does", { ignore: lacks("dtc") }, async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const path of ["cpus/cpu@0", "b@1/c", "empty", "\u00e9", "\u6f22\u5b57"]) {
      await Deno.mkdir(`${folder}/${path}`, { recursive: true });
    }
    const files = {
      "model": "board\0",
      "cpus/cpu@0/reg": "\0\0\0\x07",
      "b@1/c/p": "",
      "b@1/x": "abc",
      "\u00e9/\u6f22": "d",
    };
    for (const [path, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/${path}`, text);
    }
    for (const format of ["dtb", "dts"]) {
      // Both complain of names that are not ASCII.
      const args = ["-q", "-q", "-f", "-I", "fs", "-O", format, folder];
      const { stdout } = await new Deno.Command("dtc", { args }).output();
      assertEquals(dtc(args.join(" ")).output, stdout);
    }
    assertEquals(dtc(`-q -q -f -O dtb ${folder}`).code, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("paraguest dtc writes what make has to know", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/a.dts`, '/dts-v1/; /include/ "b.dtsi"\n');
    await Deno.writeTextFile(`${folder}/b.dtsi`, '/ { p = /incbin/("c.bin"); };\n');
    await Deno.writeTextFile(`${folder}/c.bin`, "xyz");
    assertEquals(dtc("-d a.d -o a.dtb a.dts", "", `${folder}/`).code, 0);
    assertEquals(await Deno.readTextFile(`${folder}/a.d`), "a.dtb: a.dts b.dtsi c.bin\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Sources whose blobs get back what is checked for. */
const RESTORED: readonly (readonly [options: string, source: string, ...parts: string[]])[] = [
  [
    "-q -@",
    "/dts-v1/; / { c: clk { #clock-cells = <1>; }; n { clocks = <&c 1>, <&c 2>; }; l: m { }; };",
    "c: clk {",
    "l: m {",
    "clocks = <&c 0x01 &c 0x02>;",
  ],
  ["-q", "/dts-v1/; / { interrupt-parent = <&i>; i: i@1 { }; };", "interrupt-parent = <&{/i@1}>;"],
  ["-q", '/dts-v1/; / { a = "xyz", "1", ""; b = "ab", "7"; };', 'a = "xyz", "1", "";'],
  ["-q", "/dts-v1/; / { n { clocks = <1 2>; }; };", "clocks = <0x01 0x02>;"],
  [
    "-q -@",
    "/dts-v1/; /plugin/; &u { x = <&v 1 &l>; l: n { y = <&l>; }; }; &{/a} { z = <&u>; };",
    "/plugin/;",
    "x = <&v 0x01 &l>;",
    "target = <&u>;",
  ],
  [
    "-q",
    '/dts-v1/; / { x = <1>; __fixups__ { u = "/:x:0"; }; };',
    "x = <0x01>;",
    "__fixups__ {",
  ],
];

for (const [options, source, ...parts] of RESTORED) {
  Deno.test(
    `paraguest dtc --restore gives the same bytes: ${source}`,
    { ignore: lacks("dtc") },
    async () => {
      const blob = dtc(options, source).output;
      const text = dtc("-q -I dtb -O dts --restore", blob).output;
      const written = new TextDecoder().decode(text);
      for (const part of parts) assert(written.includes(part), written);
      assertEquals(dtc("-q", text).output, blob, written);
      const child = new Deno.Command("dtc", {
        args: ["-q"],
        stdin: "piped",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      await ReadableStream.from([text]).pipeTo(child.stdin);
      assertEquals((await child.output()).stdout, blob, written);
    },
  );
}

Deno.test("paraguest dtc --compat 1.8 writes the labels and references that a blob's lists tell", () => {
  const round = (source: string) => {
    const { output } = dtc("--compat 1.8 -@", source);
    return new TextDecoder().decode(dtc("--compat 1.8 -I dtb -O dts", output).output);
  };
  const base = round("/dts-v1/; / { l1: a { }; l2: b { x = <&l1 3>; p: c { }; }; };");
  assertEquals(base.match(/\w+: \w+/g), ["l1: a", "l2: b", "p: c"]);
  // As dtc 1.8.1 wrote it.
  const overlay = round("/dts-v1/; /plugin/; &u { x = <&v 1 &l>; l: n { y = <&l>; }; };");
  assert(overlay.startsWith("/dts-v1/;\n/plugin/;\n"), overlay);
  assertEquals(overlay.match(/\w+ = <&.*/g), [
    "target = <&u>;",
    "x = <&v>, <0x01>, <&l>;",
    "y = <&l>;",
  ]);
});

Deno.test("paraguest dtc --compat 1.8 takes a/b for what is below a, also where a blob has it for a label", () => {
  const source = `/dts-v1/; / {
	x { };
	n { p = <0xffffffff>; };
	__symbols__ { aXb = "/x"; };
	__fixups__ { aXb = "/n:p:0"; };
};`;
  const blob = dtc("-q -O dtb", source).output;
  const name = new TextEncoder().encode("aXb\0");
  const at = blob.findIndex((_, at) => name.every((byte, index) => blob[at + index] === byte));
  blob[at + 1] = "/".charCodeAt(0);
  const { code, messages } = dtc("-q -q -f -I dtb -O dts --compat 1.8", blob);
  assertEquals([code, messages.length], [1, 1]);
  assert(messages[0].endsWith("an overlay cannot refer to &{a/b}, only to labels"), messages[0]);
});

Deno.test("paraguest dtc asks whether a property that is missing is one that is misspelt", () => {
  const source = `/dts-v1/; / {
	#adress-cells = <1>;
	#size-cells = <1>;
	slot@0 { compatible = "virtio,mmio"; rag = <0 0x200>; interrupt = <1>; };
};`;
  const messages = dtc("", source).messages.join("\n");
  for (const [name, found] of [["reg", "rag"], ["interrupts", "interrupt"]]) {
    assert(messages.includes(`did you mean \`${name}\` where it says \`${found}\`?`), messages);
  }
  const named = dtc("", source.replace("rag", "reg")).messages.join("\n");
  assert(named.includes("did you mean `#address-cells` where it says `#adress-cells`?"), named);
});
