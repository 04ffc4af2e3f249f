/**
 * What a kernel is made of: the initcalls of the built-in code, and the drivers that may be modules. In
 * which order initcalls of one level run is said by `link_order.ts`.
 *
 * @module
 */
import { ambaInit } from "../kernel/amba/bus.ts";
import { BLOCK_INITCALLS } from "../kernel/block/proc.ts";
import type { Initcall } from "../kernel/initcall.ts";
import { EVDEV } from "../kernel/input/evdev.ts";
import { INPUT_INITCALLS } from "../kernel/input/init.ts";
import { LEDS_INITCALLS } from "../kernel/leds.ts";
import type { ModuleImage } from "../kernel/module.ts";
import { NET_INITCALLS } from "../kernel/net/init.ts";
import { PROCFS_INITCALLS } from "../kernel/procfs.ts";
import { TTY_INITCALLS } from "../kernel/tty/tty_io.ts";
import { VIRTIO_MMIO } from "../transports/virtio_mmio.ts";
import { FAILOVER } from "./failover.ts";
import { NET_FAILOVER } from "./net_failover.ts";
import { PL011_INITCALLS } from "./tty/amba_pl011.ts";
import { SIMPLE_PM_BUS_INITCALLS } from "./simple_pm_bus.ts";
import { HVC_INITCALLS } from "./tty/hvc_console.ts";
import { VIRT_BOARD_INITCALLS } from "./virt_board.ts";
import { VIRTIO_INITCALLS } from "./virtio/virtio.ts";
import { VIRTIO_BALLOON } from "./virtio_balloon.ts";
import { VIRTIO_BLK } from "./virtio_blk.ts";
import { VIRTIO_CONSOLE } from "./virtio_console.ts";
import { VIRTIO_INPUT } from "./virtio_input.ts";
import { VIRTIO_NET } from "./virtio_net.ts";
import { VIRTIO_RNG } from "./virtio_rng.ts";

/** What is always built in. */
export const INITCALLS: readonly Initcall[] = [
  ...VIRT_BOARD_INITCALLS,
  ...SIMPLE_PM_BUS_INITCALLS,
  ...PROCFS_INITCALLS,
  ...BLOCK_INITCALLS,
  { name: "amba_init", level: "postcore", fn: ambaInit },
  ...VIRTIO_INITCALLS,
  ...TTY_INITCALLS,
  ...HVC_INITCALLS,
  ...PL011_INITCALLS,
  ...INPUT_INITCALLS,
  ...LEDS_INITCALLS,
  ...NET_INITCALLS,
];

/** What Debian's kernel has as modules, in the order in which `depmod` lists their files. */
export const MODULE_IMAGES: readonly ModuleImage[] = [
  VIRTIO_MMIO,
  VIRTIO_NET,
  VIRTIO_RNG,
  VIRTIO_INPUT,
  NET_FAILOVER,
  VIRTIO_BLK,
  VIRTIO_CONSOLE,
  FAILOVER,
  EVDEV,
  VIRTIO_BALLOON,
];
