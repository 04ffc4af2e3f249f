import { assertEquals } from "@std/assert";
import { TestLine } from "./_testing.ts";

Deno.test("ttyOpen() waits while the last file is being closed, as tty_lock() makes it", async () => {
  const line = new TestLine();
  const events: string[] = [];
  const { ops } = line.driver;
  const { sched } = line.kernel;
  ops.open = async () => {
    events.push("open");
  };
  ops.close = async () => {
    events.push("closing");
    await sched.sleep(1_000_000);
    events.push("closed");
  };
  const first = await line.open();
  const closing = line.run(() => first.close());
  const second = await line.open();
  await closing;
  await line.run(() => second.close());
  assertEquals(events, ["open", "closing", "closed", "open", "closing", "closed"]);
});
