/** A driver of one's own takes the entropy device, as VIRTIO 1.4, 5.4 says; its first try comes too early. */
import { boot, embedded, MODULE_IMAGES } from "../mod.ts";
import * as linux from "../driver.ts";

let tries = 0;
const MY_RNG = linux.moduleVirtioDriver({
  name: "my_rng",
  idTable: [{ device: 4, vendor: linux.VIRTIO_DEV_ANY_ID }],
  featureTable: [],
  async validate(vdev) {
    if (tries++ === 0) throw linux.devErrProbe(vdev, "EPROBE_DEFER", "wants a keyboard first");
  },
  async probe(vdev) {
    const { mem, sched } = vdev.kernel;
    const filled = new linux.Completion(sched, "random bytes");
    const buffer = mem.alloc(16, vdev.name);
    linux.devmAddAction(vdev, () => mem.free(buffer));
    const requestq = { name: "requestq", callback: () => filled.complete() };
    const [vq] = await linux.virtioFindVqs(vdev, [requestq]);
    linux.virtioDeviceReady(vdev);
    vq.addInbuf([{ address: buffer.address, length: 16 }], buffer);
    vq.kick();
    await filled.wait();
    vq.getBuf();
    linux.devInfo(vdev, `${vq.usedLen} random bytes`);
  },
  async remove(vdev) {
    linux.virtioResetDevice(vdev);
    linux.virtioDelVqs(vdev);
  },
});

await using vm = await boot(embedded("-device virtio-rng-device -device virtio-keyboard-device"), {
  images: [...MODULE_IMAGES, MY_RNG],
  modules: ["my_rng", "virtio_rng", "virtio_input"],
});
console.log(await vm.sh("modprobe my_rng; cat /sys/kernel/debug/devices_deferred"));
console.log(await vm.sh("modprobe virtio_input; modprobe virtio_rng; dmesg | grep my_rng"));
console.log(await vm.sh("basename $(readlink /sys/bus/virtio/devices/virtio1/driver)"));
console.log("rules that somebody broke:", vm.check());
