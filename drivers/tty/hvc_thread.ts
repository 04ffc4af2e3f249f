import type { Kernel } from "../../kernel/kernel.ts";
import type { Task } from "../../kernel/task.ts";
import type { Hvc, HvcThread } from "./hvc.ts";
import { HVC_POLL_WRITE } from "./hvc_struct.ts";

/** How long the thread waits before it looks again, in milliseconds: short while busy, longer when idle. */
const MIN_TIMEOUT = 10;
const MAX_TIMEOUT = 2000;
const NS_PER_MS = 1_000_000;

/** Starts the thread. Linux: khvcd() */
export function startKhvcd(kernel: Kernel, hvc: Hvc): HvcThread {
  const { sched } = kernel;
  let kicked = false;
  let timeout = MIN_TIMEOUT;

  const pollAll = (): boolean => {
    let again = false;
    for (const hp of [...hvc.structs]) {
      const { mask, wrote, read } = hp.poll(false);
      if ((mask & HVC_POLL_WRITE) !== 0) timeout = wrote > 0 ? 0 : MIN_TIMEOUT;
      if (read > 0) timeout = MIN_TIMEOUT;
      again ||= mask !== 0;
    }
    return again;
  };

  const nap = async (again: boolean): Promise<undefined> => {
    if (!again) return await sched.block("work for hvc") as undefined;
    if (timeout < MAX_TIMEOUT) timeout += (timeout >> 6) + 1;
    const timer = sched.addTimer(
      kernel.nowNs + timeout * NS_PER_MS,
      "khvcd",
      () => sched.wake(task),
    );
    await sched.block("work for hvc, or some time to pass");
    sched.deleteTimer(timer);
  };

  const task: Task = sched.spawn("khvcd", async () => {
    for (;;) {
      kicked = false;
      const again = pollAll();
      if (!kicked) await nap(again);
    }
  });

  return {
    kick() {
      kicked = true;
      sched.wake(task);
    },
  };
}
