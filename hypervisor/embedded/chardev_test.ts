import { assertEquals, assertThrows } from "@std/assert";
import type { Host, HostFile, HostStream } from "../host.ts";
import { Activity } from "./activity.ts";
import { type CharFrontend, createChardev, RingbufChardev, ScriptChardev } from "./chardev.ts";

const text = (words: string) => new TextEncoder().encode(words);
const words = (data: Uint8Array) => new TextDecoder().decode(data);

/** A device that takes `room` bytes. */
class Sink implements CharFrontend {
  got: string[] = [];
  constructor(public room: number) {}
  canReceive = () => this.room;
  receive(data: Uint8Array): undefined {
    this.room -= data.length;
    this.got.push(words(data));
  }
}

Deno.test("ScriptChardev keeps input until the device takes it", () => {
  const script = new ScriptChardev("c0", new Activity());
  script.end.write("early ");
  const sink = new Sink(4);
  script.connect(sink);
  script.end.write(text("late"));
  assertEquals(sink.got, ["earl"]);
  sink.room = 100;
  script.acceptInput();
  assertEquals(sink.got, ["earl", "y ", "late"]);
});

Deno.test("ScriptChardev end.read() takes what was sent, and rings on write()", async () => {
  const activity = new Activity();
  const script = new ScriptChardev("c0", activity);
  const buffer = text("ab");
  script.write(buffer);
  buffer.fill(0);
  script.write(text("cd"));
  assertEquals([words(script.end.read()), words(script.end.read())], ["abcd", ""]);
  const rung = activity.wait();
  script.end.write("x");
  await rung;
});

Deno.test("RingbufChardev keeps the last bytes", () => {
  const ring = new RingbufChardev("c0", 4);
  ring.write(text("abcdef"));
  assertEquals([words(ring.read(3)), words(ring.read(9)), words(ring.read(1))], ["cde", "f", ""]);
});

// Making them

const streams: string[] = [];
const stream: HostStream = {
  write: (data) => {
    streams.push(words(data));
  },
  onData: () => undefined,
  close: () => {
    streams.push("close");
  },
};
const file: HostFile = {
  size: () => 5,
  readAt: () => 0,
  writeAt: (offset, data) => {
    streams.push(`${offset}: ${words(data)}`);
  },
  sync: () => undefined,
  truncate: () => undefined,
  close: () => undefined,
};
const host: Host = {
  openFile: (path, mode) => {
    streams.push(`${mode} ${path}`);
    return file;
  },
  stdio: () => stream,
  pipe: (path) => {
    streams.push(`pipe ${path}`);
    return stream;
  },
  stream: (address, listen) => {
    streams.push(`stream ${JSON.stringify(address)} ${listen}`);
    return stream;
  },
  datagram: () => {
    throw new Error("none");
  },
  activity: () => undefined,
};

function opened(options: Omit<Parameters<typeof createChardev>[0], "id">): string[] {
  streams.length = 0;
  const chardev = createChardev({ id: "c0", ...options }, host, new Activity());
  chardev.write(text("x"));
  chardev.close();
  return [chardev.filename, ...streams];
}

Deno.test("createChardev() opens what the options say", () => {
  assertEquals(opened({ backend: "null" }), ["null"]);
  assertEquals(opened({ backend: "stdio" }), ["stdio", "x", "close"]);
  assertEquals(opened({ backend: "pipe", path: "p" }), ["pipe", "pipe p", "x", "close"]);
  assertEquals(opened({ backend: "file", path: "f" }), ["file", "create f", "5: x"]);
  assertEquals(opened({ backend: "file", path: "f", append: true })[1], "append f");
  assertEquals(
    opened({ backend: "socket", port: 7, server: true })[1],
    'stream {"type":"inet","host":"localhost","port":7} true',
  );
  assertEquals(
    opened({ backend: "socket", path: "s" })[1],
    'stream {"type":"unix","path":"s"} false',
  );
});

Deno.test("createChardev() refuses in QEMU's words, or lists what is known", () => {
  const message = (options: Parameters<typeof createChardev>[0], on: Host | undefined = host) =>
    assertThrows(() => createChardev(options, on, new Activity()), Error).message;
  assertEquals(message({ id: "c", backend: "file" }), "chardev: file: no filename given");
  assertEquals(message({ id: "c", backend: "pipe" }), "chardev: pipe: no device path given");
  assertEquals(
    message({ id: "c", backend: "ringbuf", size: 1000 }),
    "size of ringbuf chardev must be power of two",
  );
  assertEquals(
    message({ id: "c", backend: "foo" }),
    "'foo' is not a valid char driver name; known: null, file, stdio, pipe, ringbuf, memory, socket, script",
  );
  assertEquals(
    message({ id: "c", backend: "null", mux: true }),
    "chardev 'c': mux=on is not supported; use two chardevs",
  );
  assertThrows(
    () => createChardev({ id: "c", backend: "stdio" }, undefined, new Activity()),
    Error,
    "chardev 'c': stdio needs a host program with files and terminals",
  );
});
