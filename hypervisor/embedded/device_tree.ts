/**
 * The device tree that the machine hands to its kernel: the one that QEMU's `virt` makes, node for
 * node and property for property, also for what is described there and not modelled here, so that
 * a kernel finds the same devices. Only the two seeds under `/chosen`, which are random in QEMU, are
 * fixed.
 *
 * QEMU: hw/arm/virt.c. Compared with `-M dumpdtb` of QEMU 7.2.
 *
 * @module
 */
import { GIC_PPI, GIC_SPI, IRQ_TYPE_EDGE_RISING, IRQ_TYPE_LEVEL_HIGH } from "../../uapi/irq.ts";
import { FdtWriter } from "./fdt_writer.ts";
import { RAM_BASE, SLOT_BASE, SLOT_SIZE, SLOT_SPI } from "./memory_map.ts";

/** How many processors of what kind, and how they hang together. */
export interface Processors {
  /** Name of the kind as `-cpu` takes it. */
  readonly model: string;
  /** Number of sockets. */
  readonly sockets: number;
  /** Clusters in a socket. */
  readonly clusters: number;
  /** Cores in a cluster. */
  readonly cores: number;
  /** Threads in a core. */
  readonly threads: number;
  /** Number of processors that are there at power-on. */
  readonly count: number;
}

/** What the tree depends on. */
export interface TreeOptions {
  /** Size of RAM in bytes. */
  readonly ramSize: number;
  /** Number of virtio-mmio slots. */
  readonly slots: number;
  /** The processors. */
  readonly processors: Processors;
}

/** A kind of processor as the tree shows it. */
interface ProcessorKind {
  readonly compatible: string;
  readonly is64Bit: boolean;
}

/** The kinds of processors that `-cpu` knows. */
export const PROCESSOR_KINDS: Readonly<Record<string, ProcessorKind>> = {
  "a64fx": { compatible: "arm,a64fx", is64Bit: true },
  "cortex-a7": { compatible: "arm,cortex-a7", is64Bit: false },
  "cortex-a15": { compatible: "arm,cortex-a15", is64Bit: false },
  "cortex-a35": { compatible: "arm,cortex-a35", is64Bit: true },
  "cortex-a53": { compatible: "arm,cortex-a53", is64Bit: true },
  "cortex-a57": { compatible: "arm,cortex-a57", is64Bit: true },
  "cortex-a72": { compatible: "arm,cortex-a72", is64Bit: true },
  "cortex-a76": { compatible: "arm,cortex-a76", is64Bit: true },
  "neoverse-n1": { compatible: "arm,neoverse-n1", is64Bit: true },
  "max": { compatible: "arm,cortex-a57", is64Bit: true },
};

/** The first phandle that QEMU gives away. */
const CLOCK_PHANDLE = 0x8000;

/** Phandles, which QEMU counts up in the order in which it makes the nodes. */
interface Phandles {
  readonly gic: number;
  readonly msi: number;
  readonly gpio: number;
  cpu(index: number): number;
}

/** Returns the flattened device tree of the machine. */
export function buildDeviceTree(options: TreeOptions): Uint8Array {
  const { count } = options.processors;
  const phandles: Phandles = {
    cpu: (index) => CLOCK_PHANDLE + count - index,
    gic: CLOCK_PHANDLE + count + 1,
    msi: CLOCK_PHANDLE + count + 2,
    gpio: CLOCK_PHANDLE + count + 3,
  };
  const fdt = new FdtWriter();
  fdt.beginNode("");
  fdt.cells("interrupt-parent", phandles.gic);
  fdt.strings("model", "linux,dummy-virt");
  fdt.cells("#size-cells", 2);
  fdt.cells("#address-cells", 2);
  fdt.strings("compatible", "linux,dummy-virt");
  writePsci(fdt, kindOf(options));
  writeMemory(fdt, options.ramSize);
  writePlatformBus(fdt, phandles);
  writeFirmwareConfig(fdt);
  for (let i = 0; i < options.slots; i++) writeSlot(fdt, i);
  writeGpio(fdt, phandles);
  writePci(fdt, phandles);
  writeClockAndSerial(fdt);
  writeInterruptController(fdt, options, phandles);
  writeFlash(fdt);
  writeProcessors(fdt, options, phandles);
  writeTimer(fdt, options);
  writeClock(fdt);
  writeChosen(fdt);
  fdt.endNode();
  return fdt.finish();
}

function kindOf(options: TreeOptions): ProcessorKind {
  return PROCESSOR_KINDS[options.processors.model];
}

function writePsci(fdt: FdtWriter, { is64Bit }: ProcessorKind): undefined {
  const convention = is64Bit ? 0xc400_0000 : 0x8400_0000;
  fdt.beginNode("psci");
  fdt.cells("migrate", convention + 5);
  fdt.cells("cpu_on", convention + 3);
  fdt.cells("cpu_off", 0x8400_0002);
  fdt.cells("cpu_suspend", convention + 1);
  fdt.strings("method", "hvc");
  fdt.strings("compatible", "arm,psci-1.0", "arm,psci-0.2", "arm,psci");
  fdt.endNode();
}

function writeMemory(fdt: FdtWriter, size: number): undefined {
  fdt.beginNode("memory@40000000");
  fdt.cells("reg", 0, RAM_BASE, Math.floor(size / 2 ** 32), size >>> 0);
  fdt.strings("device_type", "memory");
  fdt.endNode();
}

function writePlatformBus(fdt: FdtWriter, { gic }: Phandles): undefined {
  fdt.beginNode("platform-bus@c000000");
  fdt.cells("interrupt-parent", gic);
  fdt.cells("ranges", 0, 0, 0xc00_0000, 0x200_0000);
  fdt.cells("#address-cells", 1);
  fdt.cells("#size-cells", 1);
  fdt.strings("compatible", "qemu,platform", "simple-bus");
  fdt.endNode();
}

function writeFirmwareConfig(fdt: FdtWriter): undefined {
  fdt.beginNode("fw-cfg@9020000");
  fdt.flag("dma-coherent");
  fdt.cells("reg", 0, 0x902_0000, 0, 0x18);
  fdt.strings("compatible", "qemu,fw-cfg-mmio");
  fdt.endNode();
}

function writeSlot(fdt: FdtWriter, index: number): undefined {
  const address = SLOT_BASE + index * SLOT_SIZE;
  fdt.beginNode(`virtio_mmio@${address.toString(16)}`);
  fdt.flag("dma-coherent");
  fdt.cells("interrupts", GIC_SPI, SLOT_SPI + index, IRQ_TYPE_EDGE_RISING);
  fdt.cells("reg", 0, address, 0, SLOT_SIZE);
  fdt.strings("compatible", "virtio,mmio");
  fdt.endNode();
}

function writeGpio(fdt: FdtWriter, { gpio }: Phandles): undefined {
  fdt.beginNode("gpio-keys");
  fdt.strings("compatible", "gpio-keys");
  fdt.beginNode("poweroff");
  fdt.cells("gpios", gpio, 3, 0);
  fdt.cells("linux,code", 116);
  fdt.strings("label", "GPIO Key Poweroff");
  fdt.endNode();
  fdt.endNode();
  fdt.beginNode("pl061@9030000");
  fdt.cells("phandle", gpio);
  fdt.strings("clock-names", "apb_pclk");
  fdt.cells("clocks", CLOCK_PHANDLE);
  fdt.cells("interrupts", GIC_SPI, 7, IRQ_TYPE_LEVEL_HIGH);
  fdt.flag("gpio-controller");
  fdt.cells("#gpio-cells", 2);
  fdt.strings("compatible", "arm,pl061", "arm,primecell");
  fdt.cells("reg", 0, 0x903_0000, 0, 0x1000);
  fdt.endNode();
}

/** The interrupt of each pin of four PCI slots: pins rotate over the four lines. */
function pciInterruptMap(gic: number): number[] {
  const map: number[] = [];
  for (let slot = 0; slot < 4; slot++) {
    for (let pin = 0; pin < 4; pin++) {
      const line = 3 + (slot + pin) % 4;
      map.push(slot << 11, 0, 0, pin + 1, gic, 0, 0, GIC_SPI, line, IRQ_TYPE_LEVEL_HIGH);
    }
  }
  return map;
}

function writePci(fdt: FdtWriter, { gic, msi }: Phandles): undefined {
  fdt.beginNode("pcie@10000000");
  fdt.cells("interrupt-map-mask", 0x1800, 0, 0, 7);
  fdt.cells("interrupt-map", ...pciInterruptMap(gic));
  fdt.cells("#interrupt-cells", 1);
  // deno-fmt-ignore
  fdt.cells(
    "ranges",
    0x0100_0000, 0, 0, 0, 0x3eff_0000, 0, 0x1_0000,
    0x0200_0000, 0, 0x1000_0000, 0, 0x1000_0000, 0, 0x2eff_0000,
    0x0300_0000, 0x80, 0, 0x80, 0, 0x80, 0,
  );
  fdt.cells("reg", 0x40, 0x1000_0000, 0, 0x1000_0000);
  fdt.cells("msi-map", 0, msi, 0, 0x1_0000);
  fdt.flag("dma-coherent");
  fdt.cells("bus-range", 0, 0xff);
  fdt.cells("linux,pci-domain", 0);
  fdt.cells("#size-cells", 2);
  fdt.cells("#address-cells", 3);
  fdt.strings("device_type", "pci");
  fdt.strings("compatible", "pci-host-ecam-generic");
  fdt.endNode();
}

function writeClockAndSerial(fdt: FdtWriter): undefined {
  fdt.beginNode("pl031@9010000");
  fdt.strings("clock-names", "apb_pclk");
  fdt.cells("clocks", CLOCK_PHANDLE);
  fdt.cells("interrupts", GIC_SPI, 2, IRQ_TYPE_LEVEL_HIGH);
  fdt.cells("reg", 0, 0x901_0000, 0, 0x1000);
  fdt.strings("compatible", "arm,pl031", "arm,primecell");
  fdt.endNode();
  fdt.beginNode("pl011@9000000");
  fdt.strings("clock-names", "uartclk", "apb_pclk");
  fdt.cells("clocks", CLOCK_PHANDLE, CLOCK_PHANDLE);
  fdt.cells("interrupts", GIC_SPI, 1, IRQ_TYPE_LEVEL_HIGH);
  fdt.cells("reg", 0, 0x900_0000, 0, 0x1000);
  fdt.strings("compatible", "arm,pl011", "arm,primecell");
  fdt.endNode();
}

/** Flags of a private interrupt: level, and the mask of the processors that have it. */
function privateFlags(options: TreeOptions): number {
  return ((1 << options.processors.count) - 1) << 8 | IRQ_TYPE_LEVEL_HIGH;
}

function writeInterruptController(
  fdt: FdtWriter,
  options: TreeOptions,
  { gic, msi }: Phandles,
): undefined {
  if (kindOf(options).is64Bit) {
    fdt.beginNode("pmu");
    fdt.cells("interrupts", GIC_PPI, 7, privateFlags(options));
    fdt.strings("compatible", "arm,armv8-pmuv3");
    fdt.endNode();
  } else {
    fdt.beginNode("pmu");
    fdt.endNode();
  }
  fdt.beginNode("intc@8000000");
  fdt.cells("phandle", gic);
  fdt.cells("reg", 0, 0x800_0000, 0, 0x1_0000, 0, 0x801_0000, 0, 0x1_0000);
  fdt.strings("compatible", "arm,cortex-a15-gic");
  fdt.flag("ranges");
  fdt.cells("#size-cells", 2);
  fdt.cells("#address-cells", 2);
  fdt.flag("interrupt-controller");
  fdt.cells("#interrupt-cells", 3);
  fdt.beginNode("v2m@8020000");
  fdt.cells("phandle", msi);
  fdt.cells("reg", 0, 0x802_0000, 0, 0x1000);
  fdt.flag("msi-controller");
  fdt.strings("compatible", "arm,gic-v2m-frame");
  fdt.endNode();
  fdt.endNode();
}

function writeFlash(fdt: FdtWriter): undefined {
  fdt.beginNode("flash@0");
  fdt.cells("bank-width", 4);
  fdt.cells("reg", 0, 0, 0, 0x400_0000, 0, 0x400_0000, 0, 0x400_0000);
  fdt.strings("compatible", "cfi-flash");
  fdt.endNode();
}

function writeProcessors(fdt: FdtWriter, options: TreeOptions, phandles: Phandles): undefined {
  const { count } = options.processors;
  fdt.beginNode("cpus");
  fdt.cells("#size-cells", 0);
  fdt.cells("#address-cells", 1);
  writeTopology(fdt, options.processors, phandles);
  for (let i = 0; i < count; i++) {
    fdt.beginNode(`cpu@${i.toString(16)}`);
    fdt.cells("phandle", phandles.cpu(i));
    fdt.cells("reg", i);
    if (count > 1) fdt.strings("enable-method", "psci");
    fdt.strings("compatible", kindOf(options).compatible);
    fdt.strings("device_type", "cpu");
    fdt.endNode();
  }
  fdt.endNode();
}

function writeTopology(fdt: FdtWriter, processors: Processors, phandles: Phandles): undefined {
  const { sockets, clusters, cores, threads, count } = processors;
  let cpu = 0;
  fdt.beginNode("cpu-map");
  for (let socket = 0; socket < sockets && cpu < count; socket++) {
    fdt.beginNode(`socket${socket}`);
    for (let cluster = 0; cluster < clusters && cpu < count; cluster++) {
      fdt.beginNode(`cluster${cluster}`);
      for (let core = 0; core < cores && cpu < count; core++) {
        fdt.beginNode(`core${core}`);
        if (threads === 1) fdt.cells("cpu", phandles.cpu(cpu++));
        for (let thread = 0; threads > 1 && thread < threads && cpu < count; thread++) {
          fdt.beginNode(`thread${thread}`);
          fdt.cells("cpu", phandles.cpu(cpu++));
          fdt.endNode();
        }
        fdt.endNode();
      }
      fdt.endNode();
    }
    fdt.endNode();
  }
  fdt.endNode();
}

function writeTimer(fdt: FdtWriter, options: TreeOptions): undefined {
  const flags = privateFlags(options);
  const newer = kindOf(options).is64Bit ? ["arm,armv8-timer"] : [];
  fdt.beginNode("timer");
  fdt.cells(
    "interrupts",
    ...[13, 14, 11, 10].flatMap((interrupt) => [GIC_PPI, interrupt, flags]),
  );
  fdt.flag("always-on");
  fdt.strings("compatible", ...newer, "arm,armv7-timer");
  fdt.endNode();
}

function writeClock(fdt: FdtWriter): undefined {
  fdt.beginNode("apb-pclk");
  fdt.cells("phandle", CLOCK_PHANDLE);
  fdt.strings("clock-output-names", "clk24mhz");
  fdt.cells("clock-frequency", 24_000_000);
  fdt.cells("#clock-cells", 0);
  fdt.strings("compatible", "fixed-clock");
  fdt.endNode();
}

function writeChosen(fdt: FdtWriter): undefined {
  fdt.beginNode("chosen");
  fdt.strings("stdout-path", "/pl011@9000000");
  fdt.cells("rng-seed", ...FIXED_SEED);
  fdt.cells("kaslr-seed", FIXED_SEED[0], FIXED_SEED[1]);
  fdt.endNode();
}

/** Stands where QEMU has random numbers: the same machine twice must be the same machine. */
const FIXED_SEED = [1, 2, 3, 4, 5, 6, 7, 8] as const;
