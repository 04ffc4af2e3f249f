/**
 * An overlay that brings and takes away a virtio slot, against what a Linux 6.1 with overlays logged.
 */
import { assertEquals } from "@std/assert";
import { ofReconfigGetStateChange, ofReconfigNotifierRegister } from "../kernel/of/dynamic.ts";
import { flattenDeviceTree, unflattenDeviceTree } from "../kernel/of/mod.ts";
import { LIVE_TREE, OVERLAYS } from "../kernel/of_platform.ts";
import { boot } from "../vm/boot.ts";
import { embedded } from "../vm/machines.ts";

/**
 * The log of that kernel: a listener of its own wrote the lines that start with `heard`, before the platform
 * bus heard of each change. A disk sat in the slot.
 */
const RECORDED = `heard overlay pre-apply target  overlay /fragment@0/__overlay__
heard reconfig ATTACH_NODE /virtio_mmio@a003e00 (add)
virtio_blk virtio0: 1/0/0 default/read/poll queues
virtio_blk virtio0: [vda] 2048 512-byte logical blocks (1.05 MB/1.00 MiB)
heard reconfig ADD_PROPERTY /virtio_mmio@a003e00:dma-coherent (no-change)
heard reconfig ADD_PROPERTY /virtio_mmio@a003e00:interrupts (no-change)
heard reconfig ADD_PROPERTY /virtio_mmio@a003e00:reg (no-change)
heard reconfig ADD_PROPERTY /virtio_mmio@a003e00:compatible (no-change)
heard reconfig ADD_PROPERTY /virtio_mmio@a003e00:name (no-change)
heard overlay post-apply target  overlay /fragment@0/__overlay__
heard overlay pre-remove target  overlay /fragment@0/__overlay__
heard reconfig DETACH_NODE /virtio_mmio@a003e00 (remove)
virtio-mmio a003e00.virtio_mmio: error -ENXIO: IRQ index 0 not found
heard overlay post-remove target  overlay /fragment@0/__overlay__
OF: overlay: remove: Could not find overlay #1`.split("\n");

const SLOT = `/dts-v1/;
/ { fragment@0 { target-path = "/"; __overlay__ { virtio_mmio@a003e00 {
  dma-coherent; interrupts = <0 47 1>; reg = <0 0xa003e00 0 0x200>; compatible = "virtio,mmio";
}; }; }; };`;

const DISK = "-drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0";

Deno.test("a slot that comes and goes by an overlay logs what it logs on Linux", async () => {
  const images = { "disk.img": new Uint8Array(1 << 20) };
  await using bare = embedded(DISK, { images });
  const tree = unflattenDeviceTree(bare.dtb);
  const { children } = tree.root;
  children.splice(children.findIndex(({ fullName }) => fullName.endsWith("@a003e00")), 1);
  await using vm = await boot(embedded(DISK, { images, dtb: flattenDeviceTree(tree) }));
  const { kernel } = vm;

  const live = kernel.get(LIVE_TREE);
  const platform = [...live.notifiers];
  live.notifiers.clear();
  ofReconfigNotifierRegister(live, (change) => {
    const { action, np, prop } = change;
    const state = ofReconfigGetStateChange(change) ?? "no-change";
    kernel.info(`heard reconfig ${action} ${np.pOF}${prop ? `:${prop.name}` : ""} (${state})`);
    return Promise.resolve(undefined);
  });
  for (const notifier of platform) ofReconfigNotifierRegister(live, notifier);
  kernel.get(OVERLAYS).notifiers.add((action, { target, overlay }) => {
    kernel.info(`heard overlay ${action} target ${target.pOF} overlay ${overlay.pOF}`);
    return Promise.resolve(undefined);
  });

  const before = vm.dmesg().length;
  const id = await vm.overlays.apply(SLOT);
  assertEquals(await vm.sh("ls /proc/device-tree/virtio_mmio@a003e00"), FILES);
  assertEquals((await vm.block("vda").read(0)).length, 512);
  await vm.overlays.remove(id);
  assertEquals(await vm.sh("ls /sys/bus/virtio/devices; cat /proc/partitions"), "");
  await vm.overlays.remove(id).catch(() => undefined);
  const log = vm.dmesg().slice(before).trimEnd().split("\n");
  assertEquals(log.map((line) => line.replace(/^\[[ 0-9.]*\] /, "")), RECORDED);
  assertEquals(vm.check(), []);
});

/** What that kernel's `ls` printed. */
const FILES = "compatible    dma-coherent  interrupts    name          reg\n";
