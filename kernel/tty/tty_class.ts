import type { Class } from "../base/device.ts";

/** Terminals. Linux: tty_class */
export const TTY_CLASS: Class = { name: "tty" };
