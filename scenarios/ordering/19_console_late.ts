/** Experiment 19: console=hvc0, whose driver is a module. What is said before it is loaded never gets there. */
import { boot, coreScenario, embedded, explore } from "../../mod.ts";

const hvcDcc = "Linux drivers/tty/hvc/hvc_dcc.c: hvc_dcc_init(): it takes an index of hvc as well";
export const sources = ["recording console-late", hvcDcc, "enumeration"];
export const expected = `
  hvc0 ttyAMA0
  before the module
  printk: console [hvc0] enabled
  behind the module
hvc0 showed: behind the module
hvc0 is virtio
hvc0 is DCC, hvc_dcc_init before virtio_console_init
`;

export const scenario = coreScenario({
  name: "two that want to be hvc0",
  vary: { initcall: true },
  initcalls: [
    ["virtio_console_init", "device", (b) => b.tell(`hvc${b.takeNumber("hvc")}`, "virtio")],
    ["hvc_dcc_init", "device", (b) => b.tell(`hvc${b.takeNumber("hvc")}`, "DCC")],
  ],
  look: ({ facts }) => ({ hvc0: `hvc0 is ${facts.get("hvc0")}` }),
});

export async function experiment(): Promise<string> {
  const port = "-device virtio-serial-device -chardev script,id=c -device virtconsole,chardev=c";
  const append = "console=hvc0 console=ttyAMA0 printk.time=0 loglevel=5";
  await using vm = await boot(embedded(port), { append, modules: "all" });
  const said = await vm.sh(`echo "<3>before the module" > /dev/kmsg
    modprobe virtio_mmio; modprobe virtio_console; sleep 1
    sed 's/^/  /' /sys/class/tty/console/active
    echo "<3>behind the module" > /dev/kmsg; dmesg | tail -n 3 | sed 's/^/  /'`);
  const shown = new TextDecoder().decode(vm.machine.chardev("c").read()).trim();
  const { outcomes } = await explore(scenario);
  const winners = outcomes.map(({ views, change }) => [views.hvc0, ...change].join(", "));
  return `${said}hvc0 showed: ${shown}\n${winners.join("\n")}`;
}

if (import.meta.main) console.log(await experiment());
