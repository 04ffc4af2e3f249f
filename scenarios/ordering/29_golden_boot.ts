/** Experiment 29: two logs of initcall_debug are compared: what moved, and whether such moves change how it ends. */
import { boot, bootScenario, diffBootLogs, diffLines, explore, readBootLog } from "../../mod.ts";
import { embeddedModel } from "../../mod.ts";

export const sources = ["recording initcall-order", "enumeration"];
export const expected = `
  initcall virtio_mmio_init+0x0/0x1000 [virtio_mmio] returned 0 after N usecs
  initcall virtio_net_driver_init+0x0/0x1000 [virtio_net] returned 0 after N usecs
the other:
  initcall virtio_net_driver_init+0x0/0x1000 [virtio_net] returned 0 after N usecs
  initcall virtio_mmio_init+0x0/0x1000 [virtio_mmio] returned 0 after N usecs
~ virtio_mmio_init [virtio_mmio]: moved behind virtio_net_driver_init [virtio_net]
all 2 orders of the modules end alike: true
`;

const machine = embeddedModel("-netdev hubport,hubid=0,id=n -device virtio-net-device,netdev=n");
const append = "initcall_debug";
const modules = ["virtio_mmio", "virtio_net"];
const wanted = { modules: "all", ordering: { modules }, vary: { module: true } } as const;
export const scenario = bootScenario(machine, wanted);

async function log(order: readonly string[]): Promise<string> {
  const ordering = { modules: order };
  await using vm = await boot(machine.machine(), { append, modules: "all", ordering });
  return vm.dmesg();
}

const CALL = /initcall virtio_\w+\S+ \[\w+\] returned 0 after/g;
const calls = (log: string) => log.match(CALL)!.map((line) => `  ${line} N usecs\n`).join("");

export async function experiment(): Promise<string> {
  const [golden, other] = [await log(modules), await log(modules.toReversed())];
  const diff = diffLines(diffBootLogs(readBootLog(golden), readBootLog(other)));
  const moved = diff.join("\n").replaceAll(/from place \d+ to \d+, /g, "");
  const { orders, outcomes } = await explore(scenario);
  return `${calls(golden)}the other:\n${calls(other)}${moved}
all ${orders} orders of the modules end alike: ${outcomes.length === 1}`;
}

if (import.meta.main) console.log(await experiment());
