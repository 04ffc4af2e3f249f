/**
 * Recordings of real Linux on QEMU against our kernel on QEMU: the devices are the same program, so what
 * differs is the driver's doing.
 */
import { assertEquals } from "@std/assert";
import { lacks } from "./peers.ts";
import { runOnQemu } from "./qemu_recordings.ts";
import { comparableTrace, readRecording, recordingNames, runRecording } from "./recordings.ts";

const ignore = lacks("qemu-system-aarch64");

/** What depends on how fast the host is: lines that count requests, of which some may be under way. */
const COUNTS: Readonly<Record<string, RegExp>> = {
  "disk-cache": /^ {2}vd[a-z]: \d+ .*$/,
  "disk-writes": /^ {2}vd[a-z]: \d+ .*$/,
  // A packet that ARP sends again goes out as ping gives up.
  "net-traffic": /^eth\d(:| [rt]x_(packets|bytes)) /,
};

/** Probes beside each other take turns as the host answers: the accesses are the same, their order is open. */
const TAKES_TURNS: readonly string[] = ["async-module", "async-names", "async-probe"];

function inOpenOrder(name: string, lines: readonly string[]): readonly string[] {
  return TAKES_TURNS.includes(name) ? lines.toSorted() : lines;
}

function comparableOutput(name: string, output: string): string[] {
  const counts = COUNTS[name];
  return output.split("\n").filter((line) => counts === undefined || !counts.test(line));
}

for (const name of recordingNames()) {
  Deno.test({
    name:
      `recording ${name} on qemu: prints, touches and leaves what it does on the embedded machine`,
    ignore,
    async fn() {
      // The images are read anew, since a run changes them.
      const qemu = await runOnQemu(await readRecording(name));
      const embedded = await runRecording(await readRecording(name));
      assertEquals(comparableOutput(name, qemu.output), comparableOutput(name, embedded.output));
      assertEquals(
        inOpenOrder(name, comparableTrace(qemu.trace)),
        inOpenOrder(name, comparableTrace(embedded.trace)),
      );
      assertEquals(qemu.log, embedded.log);
      assertEquals(qemu.files, embedded.files);
      assertEquals(qemu.faults, []);
    },
  });
}

Deno.test({
  name: "the basic recording on qemu: what Linux printed, and Linux's register accesses",
  ignore,
  async fn() {
    const recording = await readRecording("basic");
    const run = await runOnQemu(recording);
    assertEquals(run.output, recording.stdout);
    assertEquals(comparableTrace(run.trace), comparableTrace(recording.trace ?? ""));
  },
});
