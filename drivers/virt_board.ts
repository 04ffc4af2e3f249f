/**
 * The rest of QEMU's `virt` board: devices that are there, hold a region and an interrupt, and do no more in
 * this kernel. They are here so that numbers come out as they do in Linux.
 *
 * Linux: arch/arm64/kernel/perf_event.c, drivers/cpuidle/cpuidle-psci-domain.c,
 * drivers/pci/controller/pci-host-generic.c, drivers/gpio/gpio-pl061.c, drivers/rtc/rtc-pl031.c
 *
 * @module
 */
import { type AmbaDriver, ambaDriverRegister } from "../kernel/amba/bus.ts";
import { devInfo } from "../kernel/base/device.ts";
import { fwnodeDevInitialized } from "../kernel/base/fwnode.ts";
import {
  devmIoremapResource,
  type PlatformDriver,
  platformDriverRegister,
  platformGetIrq,
  requestIrq,
} from "../kernel/base/platform.ts";
import type { Initcall, InitcallLevel } from "../kernel/initcall.ts";
import type { Resource } from "../kernel/io.ts";
import type { Kernel } from "../kernel/kernel.ts";

/** Bits of a peripheral id that drivers compare: part and designer. */
const AMBA_ID_MASK = 0x000fffff;
/** Register of the PL061 that lets interrupts through. */
const PL061_GPIOIE = 0x410;
/** Register of the PL031 whose bit 0 starts the clock. */
const PL031_RTC_CR = 0x0c;
const PL031_RTC_CR_EN = 1;

/** Makes processors sleep together; it waits with that until all of them have a driver. Linux: psci_cpuidle_domain_driver */
const PSCI_DOMAIN_DRIVER: PlatformDriver = {
  name: "psci-cpuidle-domain",
  ofMatchTable: [{ compatible: "arm,psci-1.0" }],
  probe: () => Promise.resolve(undefined),
  syncState: () => Promise.resolve(undefined),
};

/** The bus of cards, none of which is modelled. Linux: gen_pci_driver */
const PCI_HOST_DRIVER: PlatformDriver = {
  name: "pci-host-generic",
  ofMatchTable: [{ compatible: "pci-host-ecam-generic" }],
  probe: () => Promise.resolve(undefined),
};

/** The processor's counters. Linux: armv8_pmu_driver */
const PMU_DRIVER: PlatformDriver = {
  name: "armv8-pmu",
  ofMatchTable: [{ compatible: "arm,armv8-pmuv3" }],
  suppressBindAttrs: true,
  async probe(dev) {
    requestIrq(dev.kernel, platformGetIrq(dev, 0), () => "none", { name: "arm-pmu" });
    dev.kernel.info("hw perfevents: enabled with armv8_pmuv3 PMU driver, 7 counters available");
  },
};

/** Input and output pins; its interrupt only leads to those of the pins. Linux: pl061_gpio_driver */
const PL061_DRIVER: AmbaDriver = {
  name: "pl061_gpio",
  idTable: [{ id: 0x00041061, mask: AMBA_ID_MASK }],
  async probe(dev) {
    const regs = devmIoremapResource(dev, dev.resource as Resource);
    regs.writeb(0, PL061_GPIOIE);
    // Its pins are an interrupt controller too.
    if (dev.ofNode !== undefined) fwnodeDevInitialized(dev.kernel, dev.ofNode);
    devInfo(dev, "PL061 GPIO chip registered");
  },
};

/** The clock. Linux: pl031_driver */
const PL031_DRIVER: AmbaDriver = {
  name: "rtc-pl031",
  idTable: [{ id: 0x00041031, mask: AMBA_ID_MASK }],
  async probe(dev) {
    const { kernel, devres } = dev;
    const { start, end } = dev.resource as Resource;
    kernel.failable(`the registers of ${dev.name}`, "EBUSY");
    const region = kernel.io.requestMemRegion("rtc-pl031", start, end - start + 1);
    devres.add("amba_release_regions", () => kernel.io.releaseRegion(region));
    const regs = kernel.io.ioremap(start, end - start + 1);
    devres.add("devm_ioremap_release", () => kernel.io.iounmap(regs));
    regs.writel(regs.readl(PL031_RTC_CR) | PL031_RTC_CR_EN, PL031_RTC_CR);
    devInfo(dev, "registered as rtc0");
    const action = requestIrq(kernel, dev.irq[0], () => "none", { name: "rtc-pl031" });
    devres.add("free_irq", () => kernel.irq.freeIrq(action));
  },
};

function initcall(
  name: string,
  register: (kernel: Kernel) => Promise<unknown>,
  level: InitcallLevel = "device",
): Initcall {
  return {
    name,
    level,
    fn: async (kernel) => {
      await register(kernel);
      return 0;
    },
  };
}

/** The board's drivers. */
export const VIRT_BOARD_INITCALLS: readonly Initcall[] = [
  initcall(
    "psci_idle_init_domains",
    (kernel) => platformDriverRegister(kernel, PSCI_DOMAIN_DRIVER),
    "subsys",
  ),
  initcall("armv8_pmu_driver_init", (kernel) => platformDriverRegister(kernel, PMU_DRIVER)),
  initcall("pl061_gpio_driver_init", (kernel) => ambaDriverRegister(kernel, PL061_DRIVER)),
  initcall("gen_pci_driver_init", (kernel) => platformDriverRegister(kernel, PCI_HOST_DRIVER)),
  initcall("pl031_driver_init", (kernel) => ambaDriverRegister(kernel, PL031_DRIVER)),
];
