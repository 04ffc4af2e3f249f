/**
 * Virtio over memory-mapped registers: one platform device is one slot for a virtio device.
 *
 * There are three ways to make a slot known: a device-tree node that is compatible with `virtio,mmio`,
 * a platform device called `virtio-mmio`, and the parameter
 * `virtio_mmio.device=SIZE@BASE:IRQ[:ID]` on the kernel command line (only when built in, as with
 * Debian's configuration the module does not have it).
 *
 * The register table is `VIRTIO_MMIO_REGISTERS` in `uapi/virtio_mmio.ts`.
 *
 * Linux: drivers/virtio/virtio_mmio.c. VIRTIO 1.4, 4.2
 *
 * @module
 */
import {
  VIRTIO_F_ACCESS_PLATFORM,
  VIRTIO_F_ORDER_PLATFORM,
  VIRTIO_F_VERSION_1,
} from "../uapi/virtio_config.ts";
import * as reg from "../uapi/virtio_mmio.ts";
import { VIRTIO_RING_F_EVENT_IDX, VIRTIO_RING_F_INDIRECT_DESC } from "../uapi/virtio_ring.ts";
import { VIRTIO_TRANSPORT_F_END, VIRTIO_TRANSPORT_F_START } from "../uapi/virtio_config.ts";
import {
  registerVirtioDevice,
  unregisterVirtioDevice,
  virtioConfigChanged,
  VirtioDevice,
  virtioDeviceFreeze,
  virtioDeviceRestore,
} from "../drivers/virtio/virtio.ts";
import type { VirtioConfigOps, VqSpec } from "../drivers/virtio/virtio_config.ts";
import type { Virtqueue } from "../drivers/virtio/virtio_ring.ts";
import { vringCreateVirtqueue } from "../drivers/virtio/vring_create.ts";
import { devErr, devWarn } from "../kernel/base/device.ts";
import { type DeviceDriver, driverUnregister } from "../kernel/base/driver.ts";
import {
  devmPlatformIoremapResource,
  type PlatformDevice,
  type PlatformDriver,
  platformDriverRegister,
  platformGetIrq,
  requestIrq,
} from "../kernel/base/platform.ts";
import type { Errno } from "../kernel/errno.ts";
import { KernelError } from "../kernel/errors.ts";
import type { IoMem } from "../kernel/io.ts";
import { ofIrqGet } from "../kernel/irqchip.ts";
import type { IrqAction, IrqReturn } from "../kernel/irq.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { PAGE_SIZE } from "../kernel/mem.ts";
import type { MightSleep } from "../kernel/might_sleep.ts";
import type { ModuleImage } from "../kernel/module.ts";
import { Slot } from "../kernel/slot.ts";
import { VIRTIO_MMIO_DEVICE_PARAM, vmUnregisterCmdlineDevices } from "./virtio_mmio_cmdline.ts";

const TWO_32 = 0x1_0000_0000;
/** Features of the ring that this kernel can do; the others of the transport's range are dropped. */
const RING_FEATURES = [
  VIRTIO_RING_F_INDIRECT_DESC,
  VIRTIO_RING_F_EVENT_IDX,
  VIRTIO_F_VERSION_1,
  VIRTIO_F_ACCESS_PLATFORM,
  VIRTIO_F_ORDER_PLATFORM,
].reduce((sum, bit) => sum | 1n << BigInt(bit), 0n);
const TRANSPORT_RANGE = (1n << BigInt(VIRTIO_TRANSPORT_F_END)) -
  (1n << BigInt(VIRTIO_TRANSPORT_F_START));

/** A slot with a virtio device in it. Linux: struct virtio_mmio_device */
export class VirtioMmioDevice implements VirtioConfigOps {
  readonly vdev: VirtioDevice;
  #irq: IrqAction | undefined;

  constructor(
    readonly pdev: PlatformDevice,
    readonly base: IoMem,
    /** 1 is the legacy interface. */
    readonly version: number,
  ) {
    this.vdev = new VirtioDevice(pdev.kernel, this);
    this.vdev.parentDevice = pdev;
  }

  /** Linux: vm_get_features() */
  getFeatures(): bigint {
    const { base } = this;
    base.writel(1, reg.VIRTIO_MMIO_DEVICE_FEATURES_SEL);
    const high = base.readl(reg.VIRTIO_MMIO_DEVICE_FEATURES);
    base.writel(0, reg.VIRTIO_MMIO_DEVICE_FEATURES_SEL);
    return BigInt(high) << 32n | BigInt(base.readl(reg.VIRTIO_MMIO_DEVICE_FEATURES));
  }

  /** Linux: vm_finalize_features(), vring_transport_features() */
  finalizeFeatures(): undefined {
    const { base, vdev } = this;
    vdev.features &= ~TRANSPORT_RANGE | RING_FEATURES;
    if (this.version === 2 && !vdev.isModern) {
      devErr(vdev, "New virtio-mmio devices (version 2) must provide VIRTIO_F_VERSION_1 feature!");
      throw new KernelError("EINVAL", `${vdev.name}: version 2 without VIRTIO_F_VERSION_1`);
    }
    base.writel(1, reg.VIRTIO_MMIO_DRIVER_FEATURES_SEL);
    base.writel(Number(vdev.features >> 32n), reg.VIRTIO_MMIO_DRIVER_FEATURES);
    base.writel(0, reg.VIRTIO_MMIO_DRIVER_FEATURES_SEL);
    base.writel(Number(vdev.features & 0xffffffffn), reg.VIRTIO_MMIO_DRIVER_FEATURES);
  }

  /** Legacy devices are read byte by byte. Linux: vm_get() */
  get(offset: number, width: 1 | 2 | 4): number {
    const at = reg.VIRTIO_MMIO_CONFIG + offset;
    if (this.version === 1) return fromBytes(this.getBytes(offset, width));
    if (width === 1) return this.base.readb(at);
    return width === 2 ? this.base.readw(at) : this.base.readl(at);
  }

  getBytes(offset: number, count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let i = 0; i < count; i++) bytes[i] = this.base.readb(reg.VIRTIO_MMIO_CONFIG + offset + i);
    return bytes;
  }

  /** Linux: vm_set() */
  set(offset: number, width: 1 | 2 | 4, value: number): undefined {
    const at = reg.VIRTIO_MMIO_CONFIG + offset;
    if (this.version === 1) {
      for (let i = 0; i < width; i++) this.base.writeb(value >>> 8 * i & 0xff, at + i);
    } else if (width === 1) this.base.writeb(value, at);
    else if (width === 2) this.base.writew(value, at);
    else this.base.writel(value, at);
  }

  /** Linux: vm_generation() */
  generation(): number {
    return this.version === 1 ? 0 : this.base.readl(reg.VIRTIO_MMIO_CONFIG_GENERATION);
  }

  /** Linux: vm_get_status() */
  getStatus(): number {
    return this.base.readl(reg.VIRTIO_MMIO_STATUS) & 0xff;
  }

  /** Linux: vm_set_status() */
  setStatus(status: number): undefined {
    this.base.writel(status, reg.VIRTIO_MMIO_STATUS);
  }

  /** 0 in the status is a reset. Linux: vm_reset() */
  reset(): undefined {
    this.base.writel(0, reg.VIRTIO_MMIO_STATUS);
  }

  /** Linux: vm_bus_name() */
  busName(): string {
    return this.pdev.name;
  }

  /** Linux: vm_find_vqs() */
  async findVqs(specs: readonly VqSpec[]): Promise<Virtqueue[]> {
    const { vdev } = this;
    const irq = platformGetIrq(this.pdev, 0);
    this.#irq = requestIrq(vdev.kernel, irq, () => this.#interrupt(), {
      name: vdev.name,
      shared: true,
    });
    try {
      specs.forEach((spec, index) => this.#setupVq(index, spec));
    } catch (error) {
      this.delVqs();
      throw error;
    }
    return [...vdev.vqs];
  }

  /** Linux: vm_setup_vq() */
  #setupVq(index: number, spec: VqSpec): undefined {
    const { base, vdev } = this;
    // Select the queue we're interested in; it shouldn't be in use already.
    base.writel(index, reg.VIRTIO_MMIO_QUEUE_SEL);
    const inUse = base.readl(
      this.version === 1 ? reg.VIRTIO_MMIO_QUEUE_PFN : reg.VIRTIO_MMIO_QUEUE_READY,
    );
    if (inUse !== 0) {
      throw new KernelError("ENOENT", `${vdev.name}: queue ${index} is in use already`);
    }
    const num = base.readl(reg.VIRTIO_MMIO_QUEUE_NUM_MAX);
    vdev.kernel.found("queue", spec.name, num);
    const vq = this.#createVq(index, num, spec);
    vdev.vqs.push(vq);
    base.writel(vq.vringSize, reg.VIRTIO_MMIO_QUEUE_NUM);
    if (this.version === 1) this.#activateLegacy(vq);
    else this.#activate(vq);
  }

  /** Linux: the call of vring_create_virtqueue() in vm_setup_vq(), and error_new_virtqueue */
  #createVq(index: number, num: number, { name, callback }: VqSpec): Virtqueue {
    const { vdev } = this;
    try {
      if (num === 0) {
        throw new KernelError("ENOENT", `${vdev.name}: the device has no queue ${index}`);
      }
      return vringCreateVirtqueue(vdev, {
        index,
        name,
        num,
        align: PAGE_SIZE,
        indirect: (vdev.features >> BigInt(VIRTIO_RING_F_INDIRECT_DESC) & 1n) === 1n,
        eventIdx: (vdev.features >> BigInt(VIRTIO_RING_F_EVENT_IDX) & 1n) === 1n,
        notify: (vq) => this.#notify(vq),
        callback,
      });
    } catch (error) {
      this.#stopQueue(index);
      throw error;
    }
  }

  #activateLegacy(vq: Virtqueue): undefined {
    const pfn = vq.descAddr / PAGE_SIZE;
    if (pfn >= TWO_32) {
      const limit = TWO_32 * PAGE_SIZE / 2 ** 30;
      devErr(
        this.vdev,
        `platform bug: legacy virtio-mmio must not be used with RAM above 0x${
          limit.toString(16)
        }GB`,
      );
      throw new KernelError(
        "E2BIG",
        `${this.vdev.name}: the ring lies above what legacy can reach`,
      );
    }
    this.base.writel(PAGE_SIZE, reg.VIRTIO_MMIO_QUEUE_ALIGN);
    this.base.writel(pfn, reg.VIRTIO_MMIO_QUEUE_PFN);
  }

  #activate(vq: Virtqueue): undefined {
    const { base } = this;
    base.writel(vq.descAddr % TWO_32, reg.VIRTIO_MMIO_QUEUE_DESC_LOW);
    base.writel(Math.floor(vq.descAddr / TWO_32), reg.VIRTIO_MMIO_QUEUE_DESC_HIGH);
    base.writel(vq.availAddr % TWO_32, reg.VIRTIO_MMIO_QUEUE_AVAIL_LOW);
    base.writel(Math.floor(vq.availAddr / TWO_32), reg.VIRTIO_MMIO_QUEUE_AVAIL_HIGH);
    base.writel(vq.usedAddr % TWO_32, reg.VIRTIO_MMIO_QUEUE_USED_LOW);
    base.writel(Math.floor(vq.usedAddr / TWO_32), reg.VIRTIO_MMIO_QUEUE_USED_HIGH);
    base.writel(1, reg.VIRTIO_MMIO_QUEUE_READY);
  }

  /** Linux: vm_notify() */
  #notify(vq: Virtqueue): boolean {
    this.base.writel(vq.index, reg.VIRTIO_MMIO_QUEUE_NOTIFY);
    return true;
  }

  /** Acknowledges first, then acts; the newest queue first. Linux: vm_interrupt() */
  #interrupt(): IrqReturn {
    const { base, vdev } = this;
    const status = base.readl(reg.VIRTIO_MMIO_INTERRUPT_STATUS);
    base.writel(status, reg.VIRTIO_MMIO_INTERRUPT_ACK);
    let result: IrqReturn = "none";
    if ((status & reg.VIRTIO_MMIO_INT_CONFIG) !== 0) {
      virtioConfigChanged(vdev);
      result = "handled";
    }
    if ((status & reg.VIRTIO_MMIO_INT_VRING) !== 0) {
      for (let i = vdev.vqs.length - 1; i >= 0; i--) {
        if (vdev.vqs[i].interrupt() === "handled") result = "handled";
      }
    }
    return result;
  }

  /** Linux: vm_del_vqs() */
  /**
   * Linux asks the tree once more which interrupt it is. When the node went before its device, it says that
   * there is none, and leaves the handler behind: the next interrupt of the line is a panic there. Here
   * the handler goes.
   */
  delVqs(): undefined {
    const { kernel, ofNode } = this.pdev;
    if (ofNode !== undefined && ofIrqGet(kernel, ofNode, 0) < 0) {
      devErr(this.pdev, "error -ENXIO: IRQ index 0 not found");
    }
    for (const vq of this.vdev.vqs.splice(0)) this.#delVq(vq);
    if (this.#irq !== undefined) this.vdev.kernel.irq.freeIrq(this.#irq);
    this.#irq = undefined;
  }

  /** Linux: vm_del_vq() */
  #delVq(vq: Virtqueue): undefined {
    const { base } = this;
    base.writel(vq.index, reg.VIRTIO_MMIO_QUEUE_SEL);
    this.#stopQueue(vq.index);
    vq.delete();
  }

  /** Stops the queue that is selected. */
  #stopQueue(index: number): undefined {
    const { base } = this;
    if (this.version === 1) return base.writel(0, reg.VIRTIO_MMIO_QUEUE_PFN);
    base.writel(0, reg.VIRTIO_MMIO_QUEUE_READY);
    if (base.readl(reg.VIRTIO_MMIO_QUEUE_READY) !== 0) {
      devWarn(this.vdev, `queue ${index} stays ready after it was stopped`);
    }
  }
}

function fromBytes(bytes: Uint8Array): number {
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
}

/** Looks whether a slot holds a device; an empty one is no error worth a word. Linux: virtio_mmio_probe() */
function virtioMmioProbe(pdev: PlatformDevice): MightSleep<Errno | undefined> {
  const base = devmPlatformIoremapResource(pdev, 0);
  const magic = base.readl(reg.VIRTIO_MMIO_MAGIC_VALUE);
  if (magic !== reg.VIRTIO_MMIO_MAGIC) {
    devWarn(pdev, `Wrong magic value 0x${magic.toString(16).padStart(8, "0")}!`);
    throw new KernelError("ENODEV", `${pdev.name}: wrong magic value`);
  }
  const version = base.readl(reg.VIRTIO_MMIO_VERSION);
  pdev.kernel.found("register", "Version", version);
  if (version < 1 || version > 2) {
    devErr(pdev, `Version ${version} not supported!`);
    throw new KernelError("ENXIO", `${pdev.name}: version ${version} is not supported`);
  }
  const device = base.readl(reg.VIRTIO_MMIO_DEVICE_ID);
  pdev.kernel.found("register", "DeviceID", device);
  return device === 0 ? "ENODEV" : addVirtioDevice(pdev, base, version, device);
}

/** The second half of {@linkcode virtioMmioProbe}, for a slot that holds a device. */
async function addVirtioDevice(
  pdev: PlatformDevice,
  base: IoMem,
  version: number,
  device: number,
): Promise<undefined> {
  const vm = new VirtioMmioDevice(pdev, base, version);
  vm.vdev.id = { device, vendor: base.readl(reg.VIRTIO_MMIO_VENDOR_ID) };
  if (version === 1) base.writel(PAGE_SIZE, reg.VIRTIO_MMIO_GUEST_PAGE_SIZE);
  await registerVirtioDevice(vm.vdev);
  pdev.drvdata = vm;
}

/** Linux: virtio_mmio_remove() */
async function virtioMmioRemove(pdev: PlatformDevice): Promise<undefined> {
  await unregisterVirtioDevice((pdev.drvdata as VirtioMmioDevice).vdev);
}

/** Linux: virtio_mmio_restore() */
async function virtioMmioRestore(pdev: PlatformDevice): Promise<undefined> {
  const { version, base, vdev } = pdev.drvdata as VirtioMmioDevice;
  if (version === 1) base.writel(PAGE_SIZE, reg.VIRTIO_MMIO_GUEST_PAGE_SIZE);
  await virtioDeviceRestore(vdev);
}

/** Linux: virtio_mmio_driver */
export const VIRTIO_MMIO_DRIVER: PlatformDriver = {
  name: "virtio-mmio",
  ofMatchTable: [{ compatible: "virtio,mmio" }],
  probe: virtioMmioProbe,
  remove: virtioMmioRemove,
  suspend: (pdev) => virtioDeviceFreeze((pdev.drvdata as VirtioMmioDevice).vdev),
  resume: virtioMmioRestore,
};

const REGISTERED: Slot<{ driver?: DeviceDriver }> = new Slot("virtio-mmio driver", () => ({}));

/** The module `virtio_mmio`. */
export const VIRTIO_MMIO: ModuleImage = {
  name: "virtio_mmio",
  author: "Pawel Moll <pawel.moll@arm.com>",
  description: "Platform bus driver for memory mapped virtio devices",
  license: "GPL",
  size: 20480,
  aliases: ["of:N*T*Cvirtio,mmioC*", "of:N*T*Cvirtio,mmio", "acpi*:LNRO0005:*"],
  params: [VIRTIO_MMIO_DEVICE_PARAM],
  init: {
    name: "virtio_mmio_init",
    level: "device",
    fn: async (kernel: Kernel, module) => {
      kernel.get(REGISTERED).driver = await platformDriverRegister(
        kernel,
        VIRTIO_MMIO_DRIVER,
        module,
      );
      return 0;
    },
  },
  exit: {
    name: "virtio_mmio_exit",
    fn: async (kernel: Kernel) => {
      const { driver } = kernel.get(REGISTERED);
      if (driver !== undefined) await driverUnregister(driver);
      await vmUnregisterCmdlineDevices(kernel);
      return 0;
    },
  },
};
