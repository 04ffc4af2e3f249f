/**
 * The order in which the kernel's initcalls are linked, and the size of each function: read off a log of
 * the reference kernel with `initcall_debug`. Its modules stand where Linux's Makefiles would link them.
 *
 * @module
 */

/** Name and size in bytes of each initcall, in link order. */
export const LINK_ORDER: readonly (readonly [name: string, size: number])[] = [
  // arch, kernel, mm, fs, block
  ["armv8_pmu_driver_init", 0x4c],
  ["ioresources_init", 0x7c],
  ["snapshot_device_init", 0x2c],
  ["proc_modules_init", 0x40],
  ["utsname_sysctl_init", 0x30],
  ["bdi_class_init", 0x80],
  ["procswaps_init", 0x44],
  ["proc_cmdline_init", 0x44],
  ["proc_consoles_init", 0x48],
  ["proc_devices_init", 0x58],
  ["proc_interrupts_init", 0x48],
  ["proc_uptime_init", 0x54],
  ["proc_version_init", 0x54],
  ["proc_filesystems_init", 0x44],
  ["blacklist_init", 0x134],
  ["userfaultfd_init", 0x6c],
  ["genhd_device_init", 0x88],
  ["proc_genhd_init", 0x74],
  ["bsg_init", 0xec],
  ["deadline_init", 0x2c],
  ["cpu_latency_qos_init", 0x60],
  // drivers: bus, gpio, amba, virtio, tty, char, block, net, input, rtc, leds, of
  ["simple_pm_bus_driver_init", 0x30],
  ["pl061_gpio_driver_init", 0x2c],
  ["amba_init", 0x2c],
  ["virtio_init", 0x40],
  ["virtio_mmio_init", 0x1000],
  ["virtio_balloon_driver_init", 0x1000],
  ["virtio_input_driver_init", 0x1000],
  ["con_init", 0x21c],
  ["hvc_console_init", 0x34],
  ["tty_class_init", 0x38],
  ["sysrq_init", 0x19c],
  ["serial8250_init", 0x198],
  ["pl010_init", 0x38],
  ["pl011_init", 0x60],
  ["chr_dev_init", 0xd0],
  ["misc_init", 0xf8],
  ["virtio_console_init", 0x114],
  ["hwrng_modinit", 0xa4],
  ["virtio_rng_driver_init", 0x1000],
  ["vga_arb_device_init", 0x9c],
  ["deferred_probe_initcall", 0xc0],
  ["virtio_blk_init", 0x1000],
  ["virtio_net_driver_init", 0x1000],
  ["net_failover_init", 0x1000],
  ["input_init", 0x12c],
  ["input_leds_init", 0x2c],
  ["mousedev_init", 0xc0],
  ["evdev_init", 0x1000],
  ["pl031_driver_init", 0x2c],
  ["leds_init", 0x74],
  ["of_platform_default_populate_init", 0xf4],
  // net
  ["net_dev_init", 0x224],
  ["failover_init", 0x1000],
  ["inet_init", 0x288],
  ["inet6_init", 0x3a0],
];
