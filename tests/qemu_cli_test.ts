/**
 * `paraguest boot --machine qemu`, run as a user runs it.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { lacks } from "./peers.ts";
import { comparableTrace, readRecording } from "./recordings.ts";

const CLI = new URL("../cli.ts", import.meta.url).pathname;
const CONFIG = new URL("../deno.json", import.meta.url).pathname;
const ignore = lacks("qemu-system-aarch64");

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function paraguest(folder: string, ...args: string[]): Promise<Outcome> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--config", CONFIG, CLI, "boot", "--machine", "qemu", ...args],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdin: "null",
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test({
  name: "paraguest boot --machine qemu: the basic recording, byte for byte, from files",
  ignore,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const recording = await readRecording("basic");
      for (const [name, image] of Object.entries(recording.images)) {
        await Deno.writeFile(`${folder}/${name}`, image);
      }
      await Deno.writeTextFile(`${folder}/guest.sh`, recording.script);
      const options = ["--modules", "all", "--script", "guest.sh", "--trace", "mmio.trace"];
      const { code, stdout, stderr } = await paraguest(folder, ...options, "--", ...recording.args);
      assertEquals([code, stderr], [0, ""]);
      assertEquals(stdout, recording.stdout);
      const trace = comparableTrace(await Deno.readTextFile(`${folder}/mmio.trace`));
      const expected = comparableTrace(recording.trace ?? "");
      // The recorder switched the machine off at the end; this command only ends.
      assertEquals(trace, expected.slice(0, trace.length));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "paraguest boot --machine qemu: the guest's exit code is the command's",
  ignore,
  fn: async () => assertEquals((await paraguest(".", "-c", "exit 7")).code, 7),
});

Deno.test({
  name: "paraguest boot --machine qemu: what QEMU refuses is said in QEMU's words",
  ignore,
  async fn() {
    const args = ["-c", "true", "--", "-device", "virtio-nothing-device"];
    const { code, stdout, stderr } = await paraguest(".", ...args);
    assertEquals([code, stdout], [1, ""]);
    assertMatch(
      stderr,
      /^paraguest: QEMU has ended: .*'virtio-nothing-device' is not a valid device model name\n$/,
    );
  },
});

Deno.test("paraguest boot --machine qemu: without a QEMU it says what to install", async () => {
  const { code, stderr } = await paraguest(".", "--qemu", "./no-qemu-here", "-c", "true");
  assertEquals(code, 1);
  assertMatch(
    stderr,
    /^paraguest: The machine qemu needs '.\/no-qemu-here', .*apt install qemu-system-arm\n$/,
  );
});
