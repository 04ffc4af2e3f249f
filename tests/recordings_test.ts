/**
 * Recordings of real Linux against the same run here: what the script printed, which registers were touched
 * in which order, and what arrived in the host's files.
 */
import { assertEquals } from "@std/assert";
import {
  comparableTrace,
  readRecording,
  recordingNames,
  type Run,
  runRecording,
} from "./recordings.ts";

/** What differs on purpose, or is not there yet: recording, and why. A test fails when it is there. */
const OUTPUT_DIFFERS: Readonly<Record<string, string>> = {
  "async-names": "in the last of forty tries Linux's probes came in another order",
  "async-module": "how far 24 probes are when modprobe returns is a matter of time",
  "disk-users": "there is no swap space, so there are no mkswap and swapon, and no df and mdev",
  "disk-variants": "packed rings are not modelled: the driver does not take VIRTIO_F_RING_PACKED",
  "net-options": "packed rings are not modelled: the driver does not take VIRTIO_F_RING_PACKED",
  "proc-order": "the recorder's initial ramdisk is in the device tree",
};
const TRACE_DIFFERS: Readonly<Record<string, string>> = {
  "async-names": "probes beside each other take turns as their waits end",
  "async-module": "probes beside each other take turns as their waits end",
  "async-probe": "probes beside each other take turns as their waits end",
  "disk-variants": "packed rings are not modelled: the driver does not take VIRTIO_F_RING_PACKED",
  "net-options": "packed rings are not modelled: the driver does not take VIRTIO_F_RING_PACKED",
};

/** What Linux's own drivers do wrong, and in which recording when not in all. */
const LINUX_FAULTS: readonly { readonly fault: RegExp; readonly recording?: string }[] = [
  // The balloon gives a buffer away before the device may work.
  { fault: /virtio-balloon-device\): QueueNotify of queue 2 before DRIVER_OK/ },
  // Another try after a failed probe begins without a reset.
  {
    fault: /virtio-blk-device\): DriverFeatures written after FEATURES_OK/,
    recording: "probe-refused",
  },
];

function isLinuxFault(name: string, text: string): boolean {
  return LINUX_FAULTS.some(({ fault, recording = name }) => recording === name && fault.test(text));
}

function firstDifference(ours: readonly string[], theirs: readonly string[]): string {
  const at = ours.findIndex((line, i) => line !== theirs[i]);
  const line = at < 0 ? Math.min(ours.length, theirs.length) : at;
  return `line ${line + 1}:\n  here:  ${ours[line]}\n  Linux: ${theirs[line]}`;
}

/** Compares lines; where a difference is known, its end is a failure. */
function compare(ours: string[], theirs: string[], known: string | undefined): undefined {
  const same = ours.length === theirs.length && ours.every((line, i) => line === theirs[i]);
  if (known !== undefined && same) {
    throw new Error(`differs no more, though it is said to: ${known}`);
  }
  if (known === undefined && !same) throw new Error(firstDifference(ours, theirs));
}

for (const name of recordingNames()) {
  Deno.test(`recording ${name}: prints, touches and leaves what Linux does`, async (t) => {
    const recording = await readRecording(name);
    const run: Run = await runRecording(recording);
    await t.step("the script prints what it prints on Linux", () => {
      compare(run.output.split("\n"), recording.stdout.split("\n"), OUTPUT_DIFFERS[name]);
    });
    await t.step("registers are accessed in Linux's order", () => {
      if (recording.trace === undefined) return;
      compare(comparableTrace(run.trace), comparableTrace(recording.trace), TRACE_DIFFERS[name]);
    });
    await t.step("the host's files hold what they held", () => {
      assertEquals(run.files, recording.files);
    });
    await t.step("nobody broke a rule of the wire", () => {
      assertEquals(run.faults.filter((fault) => !isLinuxFault(name, fault)), []);
    });
  });
}
