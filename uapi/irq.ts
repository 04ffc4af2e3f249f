/**
 * Interrupt numbers and triggers, as device trees for a GIC write them in three cells: kind, number
 * within the kind, trigger.
 *
 * Linux: include/dt-bindings/interrupt-controller/{arm-gic,irq}.h.
 *
 * @module
 */

/** First cell: an interrupt that any CPU may take; GIC interrupt number 32 + n. */
export const GIC_SPI = 0;
/** First cell: an interrupt of one CPU; GIC interrupt number 16 + n. */
export const GIC_PPI = 1;

/** GIC interrupt number of the first shared interrupt. */
export const GIC_SPI_BASE = 32;
/** GIC interrupt number of the first private interrupt. */
export const GIC_PPI_BASE = 16;

/** No trigger given. */
export const IRQ_TYPE_NONE = 0;
/** The line rises. */
export const IRQ_TYPE_EDGE_RISING = 1;
/** The line falls. */
export const IRQ_TYPE_EDGE_FALLING = 2;
/** The line rises or falls. */
export const IRQ_TYPE_EDGE_BOTH = 3;
/** The line is high. */
export const IRQ_TYPE_LEVEL_HIGH = 4;
/** The line is low. */
export const IRQ_TYPE_LEVEL_LOW = 8;
