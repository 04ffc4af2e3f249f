/**
 * Where things are in the machine: QEMU's `virt`.
 *
 * QEMU: hw/arm/virt.c.
 *
 * @module
 */

/** Address of the serial port. */
export const UART_BASE = 0x0900_0000;
/** Size of the serial port's registers. */
export const UART_SIZE = 0x1000;
/** Interrupt of the serial port. */
export const UART_SPI = 1;
/** Address of the first virtio-mmio slot. */
export const SLOT_BASE = 0x0a00_0000;
/** Size of a slot; the slots lie side by side. */
export const SLOT_SIZE = 0x200;
/** Interrupt of the first slot; slot `i` has the `i`-th after it. */
export const SLOT_SPI = 16;
/** Number of slots of QEMU's machine. */
export const SLOT_COUNT = 32;
/** Address of RAM. */
export const RAM_BASE = 0x4000_0000;
