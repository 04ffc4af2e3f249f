/**
 * What the tty core calls on an hvc terminal.
 *
 * Linux: drivers/tty/hvc/hvc_console.c: hvc_ops
 *
 * @module
 */
import { ERRNO } from "../../kernel/errno.ts";
import { KernelError } from "../../kernel/errors.ts";
import type { TtyOperations } from "../../kernel/tty/tty_driver.ts";
import type { TtyStruct } from "../../kernel/tty/tty_struct.ts";
import { HVC } from "./hvc.ts";
import type { HvcStruct } from "./hvc_struct.ts";

/** How long a close waits for output at most, and how often it looks. Linux: HVC_CLOSE_WAIT, 1/100 s */
const CLOSE_WAIT_NS = 10_000_000;

function hvcOf(tty: TtyStruct): HvcStruct {
  return tty.driverData as HvcStruct;
}

/** Linux: hvc_install() */
function install(tty: TtyStruct): undefined {
  const hp = tty.kernel.get(HVC).byIndex(tty.index);
  if (hp === undefined) throw new KernelError("ENODEV", `${tty.name}: nothing is behind it`);
  tty.driverData = hp;
  tty.port = hp.port;
}

/** Linux: hvc_open() */
async function open(tty: TtyStruct): Promise<undefined> {
  const hp = hvcOf(tty);
  const hvc = tty.kernel.get(HVC);
  if (hp.port.count++ > 0) return hvc.kick();
  hp.port.tty = tty;
  try {
    hp.ops.notifierAdd?.(hp);
    hp.port.initialized = true;
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    tty.kernel.err(`hvc_open: request_irq failed with rc ${-error.errno}.`);
    throw error;
  } finally {
    hvc.kick();
  }
}

/** Linux: hvc_close() */
async function close(tty: TtyStruct): Promise<undefined> {
  const hp = hvcOf(tty);
  if (--hp.port.count > 0) return;
  hp.port.tty = undefined;
  if (!hp.port.initialized) return;
  hp.port.initialized = false;
  hp.ops.notifierDel?.(hp);
  await hp.cancelResize();
  if (hp.outbuf.length > 0) await tty.kernel.sched.sleep(CLOSE_WAIT_NS);
}

/** Linux: hvc_hangup() */
function hangup(tty: TtyStruct): undefined {
  const hp = hvcOf(tty);
  if (hp.port.count <= 0) return;
  hp.port.count = 0;
  hp.port.initialized = false;
  hp.port.tty = undefined;
  hp.outbuf.length = 0;
  hp.ops.notifierHangup?.(hp);
}

/** Linux: hvc_write() */
function write(tty: TtyStruct, data: Uint8Array): number {
  const hp = hvcOf(tty);
  if (hp.port.count <= 0) return -ERRNO.EIO;
  if (hp.outbuf.length > 0) hp.push();
  let written = 0;
  while (written < data.length && hp.outbuf.length < hp.outbufSize) {
    const room = hp.outbufSize - hp.outbuf.length;
    const piece = data.subarray(written, written + room);
    hp.outbuf.push(...piece);
    written += piece.length;
    hp.push();
  }
  if (hp.outbuf.length > 0) tty.kernel.get(HVC).kick();
  return written;
}

/** Linux: hvc_ops */
export const HVC_OPS: TtyOperations = {
  install,
  open,
  close,
  write,
  hangup,
  writeRoom: (tty) => hvcOf(tty).outbufSize - hvcOf(tty).outbuf.length,
  charsInBuffer: (tty) => hvcOf(tty).outbuf.length,
  unthrottle: (tty) => tty.kernel.get(HVC).kick(),
};
