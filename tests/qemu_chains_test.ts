/**
 * The shape of every chain that a driver offers, by QEMU's own account, against the same account of Linux:
 * disk requests, console output, events, lamps, control commands.
 */
import { assertEquals } from "@std/assert";
import { boot } from "../vm/boot.ts";
import { qemu } from "../vm/machines.ts";
import { lacks } from "./peers.ts";
import { machineArgs, readRecording } from "./recordings.ts";

const FOLDER = new URL("./data/chains/", import.meta.url);

/** What QEMU said of each queue, in the order in which the queues were first used. */
function chains(trace: string): string[][] {
  const queues = new Map<string, string[]>();
  for (const line of trace.split("\n")) {
    const match = /^virtqueue_(pop|fill) vq (\S+) elem \S+ (.*)$/.exec(line);
    if (match === null) continue;
    const [, what, queue, shape] = match;
    if (!queues.has(queue)) queues.set(queue, []);
    queues.get(queue)?.push(`${what} ${shape}`);
  }
  return [...queues.values()].map((queue) => queue.map(comparable));
}

/**
 * How many parts a read of many pages has depends on where in memory the pages lie: next to each other
 * they are one part. They do here more often than in Linux.
 */
function comparable(shape: string): string {
  return shape.replace(/in_num ([3-9]|\d\d+) /, "in_num several ").replace(
    /in_num 2 /,
    "in_num several ",
  );
}

Deno.test({
  name: "chains have the shape of Linux's, in Linux's order",
  ignore: lacks("qemu-system-aarch64"),
  async fn() {
    const recording = await readRecording("basic");
    const folder = await Deno.makeTempDir();
    try {
      const trace = ["-trace", "virtqueue_pop", "-trace", "virtqueue_fill", "-D", "trace"];
      const machine = qemu([...machineArgs(recording), ...trace], {
        images: recording.images,
        folder,
      });
      await using vm = await boot(machine, { modules: "all", append: "quiet" });
      await vm.sh(await Deno.readTextFile(new URL("guest.sh", FOLDER)));
      const ours = chains(await Deno.readTextFile(`${folder}/trace`));
      const theirs = chains(await Deno.readTextFile(new URL("linux.trace", FOLDER)));
      assertEquals(ours, theirs);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
