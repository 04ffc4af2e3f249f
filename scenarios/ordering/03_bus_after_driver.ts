/** Experiment 3: a bus and its driver are at one level, and the driver is linked first. Only the link order decides. */
import { boot, bootScenario, embedded, embeddedModel, explore } from "../../mod.ts";

export const sources = ["recording level-inversion", "enumeration"];
export const expected = `
virtio_blk_init is linked before virtio_init, both are at the device level:
  Driver 'virtio_blk' was unable to register with bus_type 'virtio' because the bus was not initialized.
initcall virtio_blk_init+0x0/0x1000 returned -22
in 10 of 20 orders virtio_blk_init failed with EINVAL
in 10 of 20 orders all is well: virtio_init before virtio_blk_init`;

const calls = ["virtio_blk_init", "virtio_init"];
const ordering = {
  initcalls: {
    virtio_init: { before: "virtio_mmio_init" },
    virtio_blk_init: { before: "virtio_init" },
  },
};
export const scenario = bootScenario(embeddedModel("", { slots: 1 }), {
  ordering,
  only: [...calls, "virtio_mmio_init"],
  vary: { initcall: { only: calls } },
  views: ["errors"],
});

export async function experiment(): Promise<string> {
  await using vm = await boot(embedded(), { ordering, append: "initcall_debug" });
  const log = vm.dmesg();
  const { outcomes, orders: all } = await explore(scenario);
  const ends = outcomes.map(({ orders, views, change }) =>
    `in ${orders} of ${all} orders ${views.errors || `all is well: ${change}`}`
  );
  return `virtio_blk_init is linked before virtio_init, both are at the device level:
  ${/Driver 'virtio_blk' was.*/.exec(log)}
${/initcall virtio_blk_init.* returned -?\d+/.exec(log)}\n${ends.join("\n")}`;
}

if (import.meta.main) console.log(await experiment());
