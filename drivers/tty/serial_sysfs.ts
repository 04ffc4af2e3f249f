import type { AttributeGroup } from "../../kernel/kobject.ts";
import type { UartPort } from "./serial_port.ts";

/** How long a close waits before it drops the lines and before it gives output up, in 1/100 s. */
const CLOSE_DELAY = 50;
const CLOSING_WAIT = 3000;

/** Files of a serial terminal. Linux: tty_dev_attrs */
export function UART_GROUP(port: UartPort): AttributeGroup<never> {
  const { options } = port;
  const values: Readonly<Record<string, () => string | number>> = {
    uartclk: () => port.uartclk,
    type: () => port.type,
    line: () => options.line,
    port: () => "0x0",
    irq: () => options.irq,
    flags: () => `0x${port.flags.toString(16).toUpperCase()}`,
    xmit_fifo_size: () => options.fifosize,
    close_delay: () => CLOSE_DELAY,
    closing_wait: () => CLOSING_WAIT,
    custom_divisor: () => 0,
    io_type: () => options.iotype,
    iomem_base: () => `0x${options.mapbase.toString(16).toUpperCase()}`,
    iomem_reg_shift: () => 0,
    console: () => port.isConsole ? "Y" : "N",
  };
  const attrs = Object.entries(values).map(([name, value]) => ({
    name,
    mode: name === "console" ? 0o644 : 0o444,
    show: () => `${value()}\n`,
  }));
  return { attrs } as AttributeGroup<never>;
}
