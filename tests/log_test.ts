/**
 * What the drivers log against what they log on Linux, time stamps aside.
 */
import { assertEquals } from "@std/assert";
import { readRecording, recordingNames, runRecording } from "./recordings.ts";

/** Lines of virtio drivers and of what they bring about. */
const DRIVER_LINE = /^(virtio|net_failover|input: | ?vd[a-z]+:|printk: console \[hvc)/;
/** Recordings whose log differs, and why. */
const DIFFERS: Readonly<Record<string, string>> = {
  "console-late": "with printk.time=0 the recorder did not know which lines are the log's",
  "async-names": "in which order disks come that are probed beside each other is open",
  "devlink-web-strict": "two slots become free at once: in which order their disks come is open",
};

function driverLines(log: string): string[] {
  return log.split("\n").filter((line) => DRIVER_LINE.test(line)).map((line) =>
    line.replace(/after \d+ usecs/, "after N usecs")
  );
}

for (const name of recordingNames()) {
  Deno.test({
    name: `recording ${name}: the drivers log what they log on Linux`,
    ignore: name in DIFFERS,
    async fn() {
      const recording = await readRecording(name);
      const { log } = await runRecording(recording);
      assertEquals(driverLines(log), driverLines(recording.dmesg));
    },
  });
}
