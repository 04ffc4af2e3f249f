/** Experiment 9: only the command line names the slot. The module has no such parameter, so nobody makes the device. */
import { boot, embedded, flattenDeviceTree, unflattenDeviceTree } from "../../mod.ts";

export const sources = [
  "recording cmdline-no-tree",
  "Linux drivers/virtio/virtio_mmio.c: vm_cmdline_set(): built in, it makes a device for each",
];
export const expected = `
virtio_mmio as a module:
  virtio_mmio: unknown parameter 'device' ignored
  platform devices: 0
  virtio devices: 0
virtio_mmio built in:
virtio-mmio: Registering device virtio-mmio.0 at 0xa003e00-0xa003fff, IRQ 79.
platform devices: 1
virtio devices: 1
`;

const devices = "-device virtio-keyboard-device";
const append = "virtio_mmio.device=512@0xa003e00:79";

async function look(modules: string[]): Promise<string> {
  await using bare = embedded(devices);
  const tree = unflattenDeviceTree(bare.dtb);
  const { children } = tree.root;
  children.splice(0, Infinity, ...children.filter(({ name }) => name !== "virtio_mmio"));
  const dtb = flattenDeviceTree(tree);
  await using vm = await boot(embedded(devices, { dtb }), { append, modules });
  return await vm.sh(`modprobe virtio_mmio 2>/dev/null
    dmesg | sed 's/^\\[[ 0-9.]*\\] //' | grep "virtio.mmio: "
    echo "platform devices: $(ls /sys/bus/platform/devices | grep -c virtio)"
    echo "virtio devices: $(ls /sys/bus/virtio/devices | wc -l)"`);
}

export async function experiment(): Promise<string> {
  const module = (await look(["virtio_mmio"])).replace(/^(?=.)/gm, "  ");
  return `virtio_mmio as a module:\n${module}virtio_mmio built in:\n${await look([])}`;
}

if (import.meta.main) console.log(await experiment());
