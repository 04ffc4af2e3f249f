/**
 * What QEMU says about a guest's mistakes, as violations. QEMU names the mistake, not the device.
 *
 * @module
 */
import type { Violation } from "../platform.ts";

/** The clause behind a complaint; the first that matches counts. */
const CLAUSES: readonly (readonly [RegExp, string])[] = [
  [/^Guest says index \d+ is available/, "VIRTIO 1.4, 2.7.13"],
  [/^Guest moved used index/, "VIRTIO 1.4, 2.7.8"],
  [/[Ll]ooped descriptor/, "VIRTIO 1.4, 2.7.5.1"],
  [/^Invalid size for indirect buffer table/, "VIRTIO 1.4, 2.7.5.3.1"],
  [/zero sized buffers are not allowed/, "VIRTIO 1.4, 2.7.5"],
  [/^Incorrect order for descriptors/, "VIRTIO 1.4, 2.7.4.2"],
  [/^Desc next is \d+/, "VIRTIO 1.4, 2.7.5"],
  [/missing headers/, "VIRTIO 1.4, 5.2.6"],
  [/bogus descriptor|out of bounds/, "VIRTIO 1.4, 2.7.5"],
];

/** Takes QEMU's standard error apart. */
export function complaints(stderr: string): Violation[] {
  const found: Violation[] = [];
  for (const line of stderr.split("\n")) {
    const match = /^[^ :]*qemu-system-[^ :]+: (.*)$/.exec(line);
    if (match === null || /^(warning|info|terminating on signal)\b/.test(match[1])) continue;
    const message = match[1].replace(/^virtio: /, "");
    const clause = CLAUSES.find(([pattern]) => pattern.test(message))?.[1] ?? "QEMU's own check";
    found.push({ side: "driver", clause, device: "a device of qemu", message });
  }
  return found;
}
