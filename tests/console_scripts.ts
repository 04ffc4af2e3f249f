/**
 * Talks with consoles and serial ports.
 *
 * @module
 */
import { VirtioSerial } from "../hypervisor/embedded/virtio_console.ts";
import { type DeviceScript, EmbeddedHost, type HostSide, Notes, text } from "./device_script.ts";
import type { MiniDriver } from "./mini_driver.ts";

const [DEVICE_READY, PORT_READY, PORT_OPEN] = [0, 3, 6];

function control(id: number, event: number, value: number): Uint8Array {
  return Uint8Array.of(id, 0, 0, 0, event, 0, value, 0);
}

function runMultiport(driver: MiniDriver, host: HostSide): string[] {
  driver.init(10);
  const notes = new Notes(driver, host);
  notes.took("before DEVICE_READY", 2);
  notes.give(2, ...Array(10).fill(64));
  notes.send(3, control(0xff, DEVICE_READY, 0));
  notes.took("DEVICE_READY of a driver that failed", 2);
  notes.send(3, Uint8Array.of(255, 255, 255, 255, 0, 0, 1, 0));
  notes.took("DEVICE_READY", 2);
  for (const nr of [0, 1, 2, 3]) {
    notes.send(3, control(nr, PORT_READY, 1));
    notes.took(`PORT_READY of port ${nr}`, 2);
  }
  notes.send(3, control(0, PORT_READY, 0));
  notes.send(3, control(0, PORT_READY, 1).subarray(0, 7));
  notes.send(3, control(0, 99, 1), control(0, PORT_READY, 1));
  notes.took("failed, short and unknown messages", 2);
  host.type("hello");
  notes.give(6, 3, 10);
  notes.took("input of a port that is not open", 6);
  notes.send(3, control(2, PORT_OPEN, 1));
  notes.took("input of a port that was opened", 6);
  host.type("0123456789abcdef");
  notes.took("input without buffers", 6);
  notes.give(6, 4, 4, 4, 4, 4);
  notes.took("input of a port with buffers again", 6);
  notes.send(3, control(2, PORT_OPEN, 0));
  host.type("later");
  notes.took("input of a port that was closed", 6);
  notes.send(3, control(2, PORT_OPEN, 1));
  notes.took("input of a port that was opened again", 6);
  notes.send(1, text("abc"));
  notes.send(1, text("two "), text("pieces"));
  notes.send(5, text("nobody listens"));
  notes.send(9, text("no port"));
  notes.printed();
  driver.write(0x108, 0x145);
  driver.write(0x108, 0x46, 1);
  driver.write(0x109, 0x47, 1);
  driver.write(0x108, 0, 4);
  notes.printed();
  notes.took("rest of the control buffers", 2);
  notes.give(2, ...Array(12).fill(64));
  for (let i = 0; i < 8; i++) notes.send(3, control(0, PORT_READY, 1));
  notes.took("more messages than buffers", 2);
  notes.give(2, 4, 64);
  notes.send(3, control(0, PORT_READY, 1));
  notes.took("a control buffer of 4 bytes", 2);
  return notes.lines;
}

function runSinglePort(driver: MiniDriver, host: HostSide): string[] {
  host.type("early");
  driver.init(2, ~2n);
  const notes = new Notes(driver, host);
  notes.give(0, 100);
  notes.took("input before the driver came", 0);
  host.type("one");
  notes.give(0, 2, 2);
  notes.took("input", 0);
  driver.init(2, ~2n);
  host.type("two");
  notes.took("input without buffers", 0);
  notes.give(0, 20);
  notes.took("input after a reset", 0);
  return notes.lines;
}

/** The scripts for consoles. */
export const CONSOLE_SCRIPTS: readonly DeviceScript[] = [{
  name: "console with control messages",
  args: [
    ...["-chardev", "ringbuf,id=out", "-chardev", "pipe,id=in,path=PIPE"],
    ...["-device", "virtio-serial-device,max_ports=4", "-device", "virtconsole,chardev=out"],
    ...["-device", "virtserialport,nr=2,name=org.test,chardev=in", "-device", "virtserialport"],
  ],
  embed: () => {
    const host = new EmbeddedHost();
    const model = new VirtioSerial({ maxPorts: 4 });
    model.addPort({ kind: "virtconsole" }, host.out);
    model.addPort({ kind: "virtserialport", nr: 2, name: "org.test" }, host.in);
    model.addPort({ kind: "virtserialport" });
    return { model, host };
  },
  run: runMultiport,
}, {
  name: "console without control messages",
  args: [
    ...["-chardev", "pipe,id=in,path=PIPE"],
    ...["-device", "virtio-serial-device", "-device", "virtconsole,chardev=in"],
  ],
  embed: () => {
    const host = new EmbeddedHost();
    const model = new VirtioSerial();
    model.addPort({ kind: "virtconsole" }, host.in);
    return { model, host };
  },
  run: runSinglePort,
}];
