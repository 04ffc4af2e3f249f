/**
 * Each scenario script is run as a user runs it, and what it prints is compared with the text beside it in
 * `scenarios/expected/`. These texts guard the scripts against change; they are no proof of what Linux
 * does. That is for the recordings, for the tests of drivers and devices, and for tshark below. Time stamps
 * follow from modelled costs and are masked.
 */
import { assert, assertEquals } from "@std/assert";
import { lacks } from "./peers.ts";

const FOLDER = new URL("../scenarios/", import.meta.url);

async function run(name: string, ...args: string[]): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", new URL(`${name}.ts`, FOLDER).pathname, ...args],
    env: { NO_COLOR: "1" },
  });
  const { code, stdout, stderr } = await command.output();
  const text = new TextDecoder().decode(stdout);
  assertEquals(code, 0, new TextDecoder().decode(stderr) + text);
  return text;
}

/** Time stamps of the kernel log depend on modelled costs, and on nothing that the scenario shows. */
function masked(text: string): string {
  return text.replaceAll(/\[ *\d+\.\d{6}\]/g, "[TIME]");
}

const names = [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
  .filter((name) => name.endsWith(".ts")).map((name) => name.slice(0, -".ts".length)).sort();

for (const name of names) {
  Deno.test(`scenario ${name} prints what it says`, async () => {
    const expected = await Deno.readTextFile(new URL(`expected/${name}.txt`, FOLDER));
    assertEquals(masked(await run(name)).split("\n"), expected.split("\n"));
  });

  Deno.test(`scenario ${name} is short enough to read at once`, async () => {
    const lines = (await Deno.readTextFile(new URL(`${name}.ts`, FOLDER))).trimEnd().split("\n");
    assert(lines.length >= 15 && lines.length <= 40, `${name}.ts has ${lines.length} lines`);
  });
}

Deno.test({
  name: "scenario two_machines leaves a dump that tshark reads",
  ignore: lacks("tshark"),
  async fn() {
    const dump = await Deno.makeTempFile({ suffix: ".pcap" });
    try {
      await run("two_machines", dump);
      const { stdout } = await new Deno.Command("tshark", {
        args: ["-r", dump, "-T", "fields", "-e", "eth.src", "-e", "eth.type", "-e", "frame.len"],
        stderr: "null",
      }).output();
      const [alice, bob] = ["52:54:00:00:00:01", "52:54:00:00:00:02"].map((mac) =>
        `${mac}\t0x88b5\t60`
      );
      assertEquals(new TextDecoder().decode(stdout).trim().split("\n"), [
        alice,
        bob,
        alice,
        bob,
        alice,
        bob,
      ]);
    } finally {
      await Deno.remove(dump);
    }
  },
});
