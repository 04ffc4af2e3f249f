import { assertEquals, assertThrows } from "@std/assert";
import { OptionError } from "../embedded/option_list.ts";
import { readArguments } from "./arguments.ts";

const RESOURCES = {
  scriptFd: (id: string) => 40 + id.length,
  imagePath: (name: string) => `/dev/fd/${name.length}`,
};

function build(text: string, images: readonly string[] = []): string {
  return readArguments(text.split(" "), images).build(RESOURCES).join(" ");
}

Deno.test("readArguments() passes on what QEMU understands", () => {
  const text = "-m 512 -nographic -smp 2 -netdev user,id=n0 -device virtio-net-device,netdev=n0";
  assertEquals(build(text), text);
  assertEquals(build("--device virtio-rng-device"), "-device virtio-rng-device");
});

Deno.test("readArguments() leaves out -S: the machine runs with its processor off", () => {
  assertEquals(build("-S -m 64"), "-m 64");
});

Deno.test("readArguments() makes a socket of a script", () => {
  assertEquals(build("-chardev script,id=abc"), "-chardev socket,id=abc,fd=43");
  assertEquals(readArguments(["-chardev", "script,id=c"], []).scripts, ["c"]);
  assertThrows(() => readArguments(["-chardev", "script"], []), OptionError, "no id");
});

Deno.test("readArguments() puts images in memory where files are named", () => {
  const images = ["a.img", "b,c.img"];
  assertEquals(
    build("-drive if=none,id=d0,file=a.img,format=raw", images),
    "-drive if=none,id=d0,file=/dev/fd/5,format=raw",
  );
  assertEquals(build("-drive file=b,,c.img,if=none", images), "-drive file=/dev/fd/7,if=none");
  assertEquals(
    build('-blockdev {"driver":"file","node-name":"n","filename":"a.img"}', images),
    '-blockdev {"driver":"file","node-name":"n","filename":"/dev/fd/5"}',
  );
  assertEquals(build("-drive file=other.img", images), "-drive file=other.img");
  assertEquals(readArguments(["-drive", "file=a.img"], images).images, ["a.img"]);
});

Deno.test("readArguments() knows the size of RAM as QEMU does", () => {
  const size = (text: string) => readArguments(text.split(" "), []).ramSize;
  assertEquals(size("-nographic"), 128 << 20);
  assertEquals(size("-m 512"), 512 << 20);
  assertEquals(size("-m 1G"), 1 << 30);
  assertEquals(size("-m size=64M,slots=2"), 64 << 20);
  assertEquals(size("-m 0"), 128 << 20);
  assertEquals(size("-m 10001k"), 1251 * 8192);
});

Deno.test("readArguments() tells who may say something to a guest that waits", () => {
  const outside = (text: string) => readArguments(text.split(" "), []).outside;
  assertEquals(outside("-device virtio-keyboard-device"), "nobody");
  assertEquals(outside("-chardev null,id=c -chardev file,id=d,path=x -serial none"), "nobody");
  assertEquals(outside("-netdev user,id=n -netdev hubport,id=h,hubid=0"), "network");
  assertEquals(outside("-netdev user,id=n -chardev script,id=c"), "somebody");
  assertEquals(outside("-netdev socket,id=n,udp=127.0.0.1:1"), "somebody");
  assertEquals(outside("-serial stdio"), "somebody");
});

Deno.test("readArguments() refuses what would take the machine out of our hands", () => {
  for (const text of ["-qtest stdio", "-daemonize x", "-kernel Image"]) {
    assertThrows(() => readArguments(text.split(" "), []), OptionError, "cannot be used");
  }
  assertThrows(() => readArguments(["disk.img"], []), OptionError, "not an option");
  assertThrows(() => readArguments(["-device"], []), OptionError, "requires an argument");
});
