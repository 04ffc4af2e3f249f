/** The start of this kernel beside that of a real one, and the command that shows both. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { main } from "../cli.ts";
import { readBootLog } from "../lab/boot_log.ts";
import { diffBootLogs } from "../lab/boot_log_diff.ts";
import { boot } from "../vm/boot.ts";
import { embedded } from "../vm/machines.ts";

const LOG = new URL("../lab/testdata/initcall_debug.txt.gz", import.meta.url);
/** What the recorded machine had. */
const MACHINE = [
  ...["-m", "512", "-drive", "if=none,id=d0,file=disk.img,format=raw"],
  ...["-device", "virtio-blk-device,drive=d0", "-device", "virtio-net-device"],
  ...["-device", "virtio-serial-device"],
];

async function realLog(): Promise<string> {
  const file = await Deno.open(LOG);
  return await new Response(file.readable.pipeThrough(new DecompressionStream("gzip"))).text();
}

Deno.test("this kernel runs the initcalls and probes of a real one, in its order, with its results", async () => {
  const machine = embedded(MACHINE, { images: { "disk.img": new Uint8Array(1 << 20) } });
  await using vm = await boot(machine, {
    append: "console=ttyAMA0 quiet initcall_debug log_buf_len=4M",
    modules: "all",
  });
  for (const name of ["virtio_mmio", "virtio_blk", "virtio_net", "virtio_console"]) {
    await vm.sh(`modprobe ${name}`);
  }
  assertEquals(diffBootLogs(readBootLog(await realLog()), readBootLog(vm.dmesg())), {
    missing: [],
    added: [],
    moved: [],
    results: [],
    probes: [],
  });
});

/** What tools such as bootgraph.pl and pm-graph look for: the version at 0, and where the kernel's own start ends. */
function landmarks(log: string): { version: string; end: string; initcallsAfter: number } {
  const lines = log.split("\n");
  const at = lines.findIndex((line) => line.includes("] Freeing unused kernel memory: "));
  return {
    version: lines.find((line) => /^\[ {4}0\.0{6}\] Linux version /.test(line)) ?? "",
    end: lines[at]?.split("] ")[1],
    initcallsAfter: lines.slice(at).filter((line) => / initcall .* @ 1$/.test(line)).length,
  };
}

Deno.test("the log has the landmarks of a real one that other tools look for", async () => {
  await using vm = await boot(embedded(["-m", "512"]), { append: "initcall_debug log_buf_len=4M" });
  assertEquals(landmarks(vm.dmesg()), landmarks(await realLog()));
});

/** Runs the command in this process with what it prints kept. */
async function run(...words: string[]): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = [];
  const { log, error } = console;
  console.log = console.error = (...parts: unknown[]) => void lines.push(parts.join(" "));
  try {
    return { code: await main(words), lines };
  } finally {
    Object.assign(console, { log, error });
  }
}

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/real.txt`, await realLog());
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("bootchart draws a log, writes it as a trace, and lists what was slow", () =>
  inFolder(async (folder) => {
    const log = ["bootchart", "--log", `${folder}/real.txt`];
    for (const ending of ["svg", "json", "txt"]) {
      assertEquals(await run(...log, "-o", `${folder}/out.${ending}`), { code: 0, lines: [] });
    }
    assertStringIncludes(await Deno.readTextFile(`${folder}/out.svg`), "virtio_net_driver_init");
    const { traceEvents } = JSON.parse(await Deno.readTextFile(`${folder}/out.json`));
    assert(traceEvents.length > 900);
    const [slowest] = (await Deno.readTextFile(`${folder}/out.txt`)).split("\n");
    assertEquals(slowest, "  1093942 us at     5.709631  initcall crypto_algapi_init");
  }));

Deno.test("bootchart --diff says what differs and ends with 1, or with 0 where nothing does", () =>
  inFolder(async (folder) => {
    const other = (await realLog()).replace(
      "virtio_blk_init+0x0/0x1000 [virtio_blk] returned 0",
      "virtio_blk_init+0x0/0x1000 [virtio_blk] returned -12",
    );
    await Deno.writeTextFile(`${folder}/other.txt`, other);
    const diff = (name: string) =>
      run("bootchart", "--log", `${folder}/real.txt`, "--diff", `${folder}/${name}`);
    assertEquals(await diff("real.txt"), { code: 0, lines: [] });
    assertEquals(await diff("other.txt"), {
      code: 1,
      lines: ["! virtio_blk_init [virtio_blk]: returned 0, then -12"],
    });
  }));

Deno.test("bootchart boots a guest of its own", () =>
  inFolder(async (folder) => {
    const out = `${folder}/guest.json`;
    await run("bootchart", "-o", out, "--", "-device", "virtio-keyboard-device");
    const { traceEvents } = JSON.parse(await Deno.readTextFile(out));
    const names = traceEvents.map(({ name }: { name: string }) => name);
    assert(names.includes("virtio_input_driver_init"));
  }));

Deno.test("bootchart says in one line what is wrong", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/empty.txt`, "nothing\n");
    const cases: [string[], string][] = [
      [["--log", `${folder}/empty.txt`], "no initcalls in"],
      [["--log", `${folder}/missing.txt`], "No such file"],
      [["--format", "gif"], "unknown format 'gif'; known: svg, trace, text"],
      [["--lgo", "x"], "unknown option or argument"],
    ];
    for (const [words, expected] of cases) {
      const { code, lines } = await run("bootchart", ...words);
      assert(code === 1 || code === 2);
      assertEquals(lines.length, 1);
      assertStringIncludes(lines[0], expected);
    }
  }));
