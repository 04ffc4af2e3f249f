/**
 * Recordings of real Linux against the same run here: what the script printed, what the drivers logged,
 * and which registers were touched in which order.
 */
import { assertEquals } from "@std/assert";
import { bootRecording, comparableTrace, readRecording, recordingNames } from "./recordings.ts";

/** What differs on purpose, or is not there yet: recording, and why. */
const STDOUT_DIFFERS: Readonly<Record<string, string>> = {};
const TRACE_DIFFERS: Readonly<Record<string, string>> = {};

for (const name of recordingNames()) {
  Deno.test({
    name: `recording ${name}: the script prints what it prints on Linux`,
    ignore: name in STDOUT_DIFFERS,
    async fn() {
      const recording = await readRecording(name);
      await using vm = await bootRecording(recording);
      const shell = await vm.shell();
      const { output } = await shell.run(recording.script, { name: "/guest.sh" });
      assertEquals(output.split("\n"), recording.stdout.split("\n"));
      assertEquals(vm.check(), []);
    },
  });

  Deno.test({
    name: `recording ${name}: the registers are accessed in Linux's order`,
    ignore: name in TRACE_DIFFERS,
    async fn() {
      const recording = await readRecording(name);
      if (recording.trace === undefined) return;
      await using vm = await bootRecording(recording, { trace: true });
      await (await vm.shell()).run(recording.script, { name: "/guest.sh" });
      assertEquals(comparableTrace(String(vm.trace)), comparableTrace(recording.trace));
    },
  });
}
