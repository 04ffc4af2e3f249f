import { assertEquals } from "@std/assert";
import { lacks } from "../tests/peers.ts";
import { runDtc } from "./dtc.ts";
import type { DtcHost } from "./dtc_input.ts";
import { runFdtoverlay } from "./fdtoverlay.ts";

/** A folder with files, and what runs in it say and leave. */
class Folder implements AsyncDisposable {
  readonly messages: string[] = [];
  readonly host: DtcHost;

  constructor(readonly path: string) {
    this.host = {
      folder: `${path}/`,
      isTerminal: false,
      stdin: () => new Uint8Array(0),
      stdout: () => {},
      stderr: (line) => this.messages.push(line),
    };
  }

  /** Compiles a source to a file. */
  compile(name: string, source: string, options = "-@ -q"): void {
    Deno.writeTextFileSync(`${this.path}/${name}.dts`, source);
    const code = runDtc([...options.split(" "), "-O", "dtb", "-o", name, `${name}.dts`], this.host);
    assertEquals([code, this.messages], [0, []]);
  }

  /** The contents of a file. */
  read(name: string): Uint8Array<ArrayBuffer> {
    return Deno.readFileSync(`${this.path}/${name}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

async function makeFolder(): Promise<Folder> {
  return new Folder(await Deno.makeTempDir());
}

const BASE = `/dts-v1/;
/memreserve/ 0x1000 0x20;
/ {
  model = "base";
  aliases { serial0 = &uart; };
  soc: soc { uart: uart@1000 { status = "disabled"; reg = <0x1000 1>; }; timer { }; };
  user { link = <&uart>; };
};
`;

/** Overlays one of which after the other is merged, by what they show. */
const OVERLAYS: Readonly<Record<string, string>> = {
  properties: '&uart { status = "okay"; fresh; more = <1>; };',
  nodes: "&soc { a@1 { x; }; b@2 { y; c { z; }; }; uart@1000 { w; }; };",
  references: "&soc { l: a@1 { x = <&uart &m 3>; }; m: b@2 { y = <&l>; p = <&{/fragment@0}>; }; };",
  path: "&{/soc/timer} { x; };",
  aliasPath: '/ { fragment@7 { target-path = "serial0"; __overlay__ { x; }; }; };',
  unitLeftOut: '/ { fragment@7 { target-path = "/soc/uart"; __overlay__ { x; }; }; };',
  symbols: "&soc { l: a@1 { x; n: deep { }; }; }; &{/} { r: root-child { }; };",
  laterFragment:
    '&soc { a@1 { }; }; / { fragment@9 { target-path = "/soc/a@1"; __overlay__ { x; }; }; };',
  nodeWithoutUnit: "&soc { uart { merged; }; };",
  noFragment: "/ { other { x; }; };",
  legacy: "&soc { l: a@1 { x = <&l>; }; };",
};

for (const [name, body] of Object.entries(OVERLAYS)) {
  Deno.test({
    name: `paraguest fdtoverlay agrees with libfdt on ${name}`,
    ignore: lacks("fdtoverlay"),
    async fn() {
      await using folder = await makeFolder();
      const options = name === "legacy" ? "-q -@ -H both" : "-q -@";
      folder.compile("base", BASE);
      folder.compile("overlay", `/dts-v1/; /plugin/;\n${body}\n`, options);
      folder.compile("second", "/dts-v1/; /plugin/; &soc { second { x = <&uart>; }; };");
      const args = ["-i", "base", "-o", "ours", "overlay", "second"];
      assertEquals([runFdtoverlay(args, folder.host), folder.messages], [0, []]);
      args[3] = "theirs";
      const { code } = await new Deno.Command("fdtoverlay", { args, cwd: folder.path }).output();
      assertEquals(code, 0);
      const theirs = folder.read("theirs");
      zeroPadding(theirs);
      assertEquals(folder.read("ours"), theirs);
    },
  });
}

/** libfdt leaves behind a value what was there before. */
function zeroPadding(blob: Uint8Array): void {
  const view = new DataView(blob.buffer);
  let at = view.getUint32(8);
  for (let token = view.getUint32(at); token !== 9; token = view.getUint32(at)) {
    at += 4;
    if (token === 1) at = blob.indexOf(0, at) + 4 & ~3;
    if (token !== 3) continue;
    const end = at + 8 + view.getUint32(at);
    at = end + 3 & ~3;
    blob.fill(0, end, at);
  }
}

/** What is wrong with an overlay, and how it is said. */
const REFUSED: Readonly<Record<string, readonly [options: string, body: string, message: string]>> =
  {
    noSymbols: [
      "-q",
      "&uart { };",
      "overlay: the base tree has no /__symbols__ to find uart in; compile the base with -@",
    ],
    unknownLabel: [
      "-q -@",
      "&soc { x = <&nowhere>; };",
      "overlay: label nowhere, which /fragment@0/__overlay__:x of the overlay refers to, is no symbol of " +
      "the base tree; give the node that label, and compile the base with -@",
    ],
    unknownPath: [
      "-q -@",
      "&{/soc/nowhere} { };",
      "overlay: /fragment@0: the base tree has no target node /soc/nowhere",
    ],
    noTarget: [
      "-q -@",
      "/ { fragment@0 { __overlay__ { }; }; };",
      "overlay: /fragment@0 has neither target nor target-path",
    ],
    badFixup: [
      "-q -@",
      '/ { __fixups__ { uart = "/fragment@0"; }; };',
      "overlay: /__fixups__:uart: /fragment@0 is not /path:property:offset",
    ],
    fixupElsewhere: [
      "-q -@",
      '/ { __fixups__ { uart = "/fragment@0:target:0"; }; };',
      "overlay: /__fixups__:uart: the overlay has no /fragment@0:target",
    ],
    fixupBeyond: [
      "-q -@",
      '/ { x = <1>; __fixups__ { uart = "/:x:2"; }; };',
      "overlay: /:x has 4 bytes, no phandle at offset 2",
    ],
  };

for (const [name, [options, body, message]] of Object.entries(REFUSED)) {
  Deno.test(`paraguest fdtoverlay names what is wrong: ${name}`, async () => {
    await using folder = await makeFolder();
    folder.compile("base", BASE, options);
    folder.compile("overlay", `/dts-v1/; /plugin/;\n${body}\n`);
    assertEquals(runFdtoverlay(["-i", "base", "-o", "out", "overlay"], folder.host), 1);
    assertEquals(folder.messages, [`paraguest fdtoverlay: ${message}`]);
  });
}

Deno.test("paraguest fdtoverlay keeps the phandles of the base", async () => {
  await using folder = await makeFolder();
  folder.compile("base", BASE);
  const overlay = "/ { fragment@0 { target = <&uart>; l: __overlay__ { self = <&l>; }; }; };";
  folder.compile("overlay", `/dts-v1/; /plugin/;\n${overlay}\n`);
  assertEquals(runFdtoverlay(["-i", "base", "-o", "out", "overlay"], folder.host), 0);
  runDtc(["-q", "-I", "dtb", "-o", "text", "out"], folder.host);
  const text = new TextDecoder().decode(folder.read("text"));
  const [self, link] = ["self", "link"].map((name) =>
    new RegExp(`${name} = (.*);`).exec(text)?.[1]
  );
  assertEquals(self, link, text);
  assertEquals(text.includes(`phandle = ${link};`), true, text);
});
