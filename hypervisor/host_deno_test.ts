import { assertEquals, assertThrows } from "@std/assert";
import type { HostDatagram, HostStream } from "./host.ts";
import { denoHost } from "./host_deno.ts";

const text = (words: string) => new TextEncoder().encode(words);

/** Collects what arrives and waits for an amount of it. */
class Ear {
  words = "";
  #wanted = 0;
  #heard: (() => void) | undefined;
  constructor(on: HostStream | HostDatagram) {
    on.onData((data) => {
      this.words += new TextDecoder().decode(data);
      if (this.words.length >= this.#wanted) this.#heard?.();
    });
  }
  async hear(length: number): Promise<string> {
    this.#wanted = length;
    if (this.words.length < length) await new Promise<void>((resolve) => this.#heard = resolve);
    return this.words;
  }
}

async function inFolder(body: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("openFile() reads, writes, grows and syncs files", () =>
  inFolder((folder) => {
    const path = `${folder}/disk.img`;
    Deno.writeFileSync(path, text("0123456789"));
    const file = denoHost().openFile(path, "read-write");
    file.writeAt(3, text("abc"));
    file.truncate(12);
    file.sync();
    const into = new Uint8Array(8);
    assertEquals([file.size(), file.readAt(2, into)], [12, 8]);
    assertEquals(new TextDecoder().decode(into), "2abc6789");
    assertEquals(file.readAt(10, into), 2);
    file.close();
    assertEquals(Deno.readFileSync(path).length, 12);
  }));

Deno.test("openFile() empties, continues or keeps a file as its mode says", () =>
  inFolder((folder) => {
    const path = `${folder}/log`;
    const host = denoHost();
    const sizes = (["create", "append", "create", "read"] as const).map((mode) => {
      const file = host.openFile(path, mode);
      const size = file.size();
      if (mode !== "read") file.writeAt(size, text("xy"));
      file.close();
      return size;
    });
    assertEquals(sizes, [0, 2, 0, 2]);
  }));

Deno.test("openFile() names what it cannot open, and why", () =>
  inFolder((folder) => {
    const message = (path: string) =>
      assertThrows(() => denoHost().openFile(path, "read-write"), Error).message;
    const missing = `${folder}/missing.img`;
    assertEquals(message(missing), `Could not open '${missing}': No such file or directory`);
    assertEquals(message(folder), `Could not open '${folder}': Is a directory`);
  }));

Deno.test("stdio() carries bytes both ways and lets the program end when it is closed", async () => {
  const module = new URL("host_deno.ts", import.meta.url).href;
  const script = `
    import { denoHost } from "${module}";
    const terminal = denoHost().stdio();
    terminal.onData((data) => {
      terminal.write(data);
      if (data.includes(113)) terminal.close();
    });`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", script],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(text("abc q"));
  const { success, stdout } = await child.output();
  await writer.close().catch(() => undefined);
  assertEquals([success, new TextDecoder().decode(stdout)], [true, "abc q"]);
});

Deno.test("pipe() carries bytes both ways over PATH.in and PATH.out", () =>
  inFolder(async (folder) => {
    const path = `${folder}/pipe`;
    for (const name of ["in", "out"]) {
      await new Deno.Command("mkfifo", { args: [`${path}.${name}`] }).output();
    }
    const stream = denoHost().pipe(path);
    using input = Deno.openSync(`${path}.in`, { read: true, write: true });
    using output = Deno.openSync(`${path}.out`, { read: true, write: true });
    const ear = new Ear(stream);
    input.writeSync(text("to the guest"));
    assertEquals(await ear.hear(12), "to the guest");
    stream.write(text("from the guest"));
    const buffer = new Uint8Array(100);
    assertEquals(await output.read(buffer), 14);
    stream.close();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }));

Deno.test("pipe() names a pipe that is not there", () => {
  assertThrows(
    () => denoHost().pipe("/no/such/pipe"),
    Error,
    "Could not open '/no/such/pipe': No such file or directory",
  );
});

Deno.test("stream() connects two ends over a Unix socket, and the server takes the next client", () =>
  inFolder(async (folder) => {
    const host = denoHost();
    const address = { type: "unix", path: `${folder}/socket` } as const;
    const server = host.stream(address, true);
    const atServer = new Ear(server);
    for (const word of ["first", "second"]) {
      atServer.words = "";
      const client = host.stream(address, false);
      const atClient = new Ear(client);
      client.write(text(word));
      assertEquals(await atServer.hear(word.length), word);
      server.write(text("answer"));
      assertEquals(await atClient.hear(6), "answer");
      client.close();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    server.close();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }));

Deno.test("stream() names a socket that it cannot listen on", () => {
  const path = "/no/such/folder/socket";
  assertThrows(
    () => denoHost().stream({ type: "unix", path }, true),
    Error,
    `Failed to listen on '${path}': No such file or directory`,
  );
});

Deno.test("datagram() sends each frame as one datagram", async () => {
  const host = denoHost();
  const [a, b] = [40_217, 40_218].map((port) =>
    ({ type: "inet", host: "127.0.0.1", port }) as const
  );
  const [first, second] = [host.datagram(a, b), host.datagram(b, a)];
  const ears = [new Ear(first), new Ear(second)];
  await new Promise((resolve) => setTimeout(resolve, 20));
  first.send(text("hello"));
  assertEquals(await ears[1].hear(5), "hello");
  second.send(text("answer"));
  assertEquals(await ears[0].hear(6), "answer");
  first.close();
  second.close();
  await new Promise((resolve) => setTimeout(resolve, 10));
});

Deno.test("activity() settles when something has arrived, and is absent when nothing can", async () => {
  await inFolder(async (folder) => {
    const host = denoHost();
    assertEquals(host.activity(), undefined);
    const address = { type: "unix", path: `${folder}/socket` } as const;
    const server = host.stream(address, true);
    new Ear(server);
    const client = host.stream(address, false);
    const arrived = host.activity();
    client.write(text("x"));
    await arrived;
    client.close();
    server.close();
    assertEquals(host.activity(), undefined);
    await new Promise((resolve) => setTimeout(resolve, 10));
  });
});
