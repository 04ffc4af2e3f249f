/** Inputs that would take minutes, or all memory, if the time or memory for them grew with their square. */
import { assert, assertEquals } from "@std/assert";
import { runDtc } from "./dtc.ts";

/** Gives the exit code, the output and the messages. */
function dtc(words: string, input: string | Uint8Array): [number, Uint8Array, string[]] {
  const messages: string[] = [];
  let output = new Uint8Array(0);
  const code = runDtc(words.split(" "), {
    folder: "/nowhere/",
    isTerminal: false,
    stdin: () => typeof input === "string" ? new TextEncoder().encode(input) : input,
    stdout: (bytes) => output = bytes.slice(),
    stderr: (line) => messages.push(line),
  });
  return [code, output, messages];
}

/** A text for each number up to `count`. */
function each(count: number, text: (number: number) => string): string {
  return Array.from({ length: count }, (_, number) => text(number)).join("");
}

const REFERENCES = 60_000;
const LISTS = `/dts-v1/; / {
	l: c { #clock-cells = <0>; };
	d { clocks = <${"&l ".repeat(REFERENCES)}>; };
};`;

for (const format of ["dtb", "dts", "yaml", "asm"]) {
  Deno.test(`paraguest dtc writes a list of ${REFERENCES} references as ${format}`, () => {
    const [code, output] = dtc(`-O ${format}`, LISTS);
    assertEquals(code, 0);
    assert(output.length > 4 * REFERENCES);
  });
}

Deno.test("paraguest dtc --compat 1.8 gives a value of a blob all of its references back", () => {
  const count = 20_000;
  const [, blob] = dtc(
    "-q -q -f -O dtb",
    `/dts-v1/; / {
	c { phandle = <1>; };
	d { p = <${"1 ".repeat(count)}>; };
	__local_fixups__ { d { p = <${each(count, (at) => `${4 * at} `)}>; }; };
};`,
  );
  const [code, output] = dtc("-q -q -I dtb -O dts --compat 1.8", blob);
  assertEquals(code, 0);
  assertEquals(new TextDecoder().decode(output).match(/&\{\/c\}/g)?.length, count);
});

Deno.test("paraguest dtc finds nodes by phandles that leave no room for a table", () => {
  const count = 60_000;
  const nodes = each(count, (at) => `n${at} { phandle = <${8 * (16 + at)}>; };\n`);
  assertEquals(dtc("-q -O dtb", `/dts-v1/; / {\n${nodes}};`)[0], 0);
});

Deno.test("paraguest dtc deletes nodes that share a label", () => {
  const count = 40_000;
  const nodes = each(count, (at) => `l: n${at} { };\n`);
  const deleted = each(count, (at) => `/delete-node/ n${at};\n`);
  assertEquals(dtc("-q -O dtb", `/dts-v1/; / {\n${nodes}};\n/ {\n${deleted}};`)[0], 0);
});

Deno.test("paraguest dtc says of every reference that there is no such node", () => {
  const missing = 4_000;
  const nodes = each(40_000, (at) => `n${at} { };\n`);
  const references = each(missing, (at) => `p${at} = <&nobody>;\n`);
  const [code, , messages] = dtc("-q -O dtb", `/dts-v1/; / {\n${references}${nodes}};`);
  const found = messages.filter((line) => line.includes('non-existent node or label "nobody"'));
  assertEquals([code, found.length], [2, missing]);
});
