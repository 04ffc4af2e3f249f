/**
 * Devices that a script brings.
 *
 * @module
 */
import type { DeviceModel } from "./device.ts";
import { type SlotDevice, VIRTIO_PROPERTIES } from "./devices.ts";
import type { PropertyTable, PropertyValues } from "./property.ts";

/** A kind of device that a script brings: what `-device NAME` makes. Made by `defineDevice()`. */
export interface DeviceKind {
  /** Its name. */
  readonly name: string;
  /**
   * How one is made.
   *
   * @internal
   */
  readonly device: SlotDevice;
  /**
   * What decides how such devices behave, for the text of machines.
   *
   * @internal
   */
  readonly text: string;
}

/** What a kind of device is. */
export interface DeviceDefinition {
  /** Properties beside those that all virtio devices have, as `event_idx`. Default: none. */
  readonly properties?: PropertyTable;
  /**
   * Makes one device; called for each `-device`, for each machine. Replayed orders know the device by the text of this
   * function alone.
   *
   * @param props The properties that were given, by their names in camel case.
   * @throws {OptionError} When a property is not possible; the message is put behind the option.
   */
  create(props: PropertyValues): DeviceModel;
}

/**
 * Makes a name for `-device` that stands for a device model of one's own, in machines that are given it:
 * `embedded(args, { devices: [MY_DEVICE] })`. Of two devices of one name, also of QEMU's, it is the one.
 *
 * QEMU: type_register_static()
 *
 * @example A device that says what it read, and a driver that asks it
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { boot, embedded, MODULE_IMAGES } from "../../mod.ts";
 * import { defineDevice, VirtioModel } from "../../device.ts";
 * import * as linux from "../../driver.ts";
 *
 * class Echo extends VirtioModel {
 *   readonly deviceId = 60;
 *   readonly name = "echo-device";
 *   readonly queueCount = 1;
 *   protected readonly deviceFeatures = 0n;
 *   handleOutput(): undefined {
 *     const [queue] = this.queues;
 *     for (let element = queue.pop(); element !== undefined; element = queue.pop()) {
 *       const text = new Uint8Array(element.outLength);
 *       element.readOut(0, text);
 *       queue.push(element, element.writeIn(0, text));
 *     }
 *     this.bus.notifyQueue(queue);
 *   }
 * }
 * const ECHO = defineDevice("echo-device", { create: (props) => new Echo(props) });
 *
 * const DRIVER = linux.moduleVirtioDriver({
 *   name: "echo",
 *   idTable: [{ device: 60, vendor: linux.VIRTIO_DEV_ANY_ID }],
 *   featureTable: [],
 *   async probe(vdev) {
 *     const { mem, sched } = vdev.kernel;
 *     const heard = new linux.Completion(sched, "the echo");
 *     const [vq] = await linux.virtioFindVqs(vdev, [{ name: "echo", callback: () => heard.complete() }]);
 *     linux.virtioDeviceReady(vdev);
 *     const { address, offset } = mem.alloc(10, vdev.name);
 *     mem.bytes.set(new TextEncoder().encode("hello"), offset);
 *     vq.addSgs([{ address, length: 5 }], [{ address: address + 5, length: 5 }], vdev);
 *     vq.kick();
 *     await heard.wait();
 *     const answer = mem.bytes.slice(offset + 5, offset + 10);
 *     linux.devInfo(vdev, new TextDecoder().decode(answer));
 *   },
 *   remove: async (vdev) => linux.virtioResetDevice(vdev),
 * });
 *
 * const machine = embedded("-device echo-device,event_idx=off", { devices: [ECHO] });
 * await using vm = await boot(machine, { images: [...MODULE_IMAGES, DRIVER] });
 * assertEquals(vm.dmesg().includes("echo virtio0: hello\n"), true);
 * assertEquals(vm.check(), []);
 * ```
 */
export function defineDevice(name: string, definition: DeviceDefinition): DeviceKind {
  const { properties = {} } = definition;
  return {
    name,
    device: {
      bus: "virtio-bus",
      properties: { ...VIRTIO_PROPERTIES, ...properties },
      create: (props) => definition.create(props),
    },
    text: `${JSON.stringify(properties)} ${definition.create}`,
  };
}
