/**
 * The command `paraguest`, run as a user runs it.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { inFolder, paraguest } from "./cli_process.ts";
import { comparableTrace } from "./recordings.ts";

function cliTest(name: string, body: (folder: string) => Promise<void>): undefined {
  Deno.test(`paraguest ${name}`, () => inFolder(body));
}

const drive = (id: string, file: string) => ["-drive", `if=none,id=${id},file=${file},format=raw`];
const disk = (id: string, more = "") => ["-device", `virtio-blk-device,drive=${id}${more}`];

/** What a user may get wrong: the words, the exit code, and what the one line on standard error names. */
const MISTAKES: readonly {
  readonly what: string;
  readonly args: readonly string[];
  readonly code: number;
  readonly says: RegExp;
}[] = [
  { what: "an unknown verb", args: ["frobnicate"], code: 2, says: /'frobnicate'/ },
  { what: "an unknown option", args: ["boot", "--frob"], code: 2, says: /'--frob'.*--help/ },
  {
    what: "an unknown kernel",
    args: ["boot", "--profile", "2.4", "-c", "true"],
    code: 1,
    says: /'2\.4'.*6\.12/,
  },
  {
    what: "an option of no configuration",
    args: ["boot", "--kconfig", "SMP=y", "-c", "true"],
    code: 2,
    says: /'SMP=y'.*MODULES/,
  },
  {
    what: "an unknown machine",
    args: ["boot", "--machine", "vax"],
    code: 2,
    says: /'vax'.*embedded/,
  },
  {
    what: "two scripts",
    args: ["boot", "-c", "true", "--script", "x"],
    code: 2,
    says: /-c and --script/,
  },
  {
    what: "two trees",
    args: ["boot", "--dtb", "a", "--dts", "b"],
    code: 2,
    says: /--dtb and --dts/,
  },
  { what: "a missing script", args: ["boot", "--script", "no.sh"], code: 1, says: /no\.sh/ },
  {
    what: "a missing tree",
    args: ["boot", "--dtb", "no.dtb", "-c", "true"],
    code: 1,
    says: /no\.dtb/,
  },
  { what: "a bad tree", args: ["boot", "--dtb", "disk.img", "-c", "true"], code: 1, says: /magic/ },
  {
    what: "an unknown device",
    args: ["boot", "-c", "true", "--", "-device", "virtio-toaster-device"],
    code: 1,
    says: /'virtio-toaster-device'.*virtio-blk-device/,
  },
  {
    what: "an unknown property",
    args: ["boot", "-c", "true", "--", "-device", "virtio-keyboard-device,colour=red"],
    code: 1,
    says: /'?colour'?/,
  },
  {
    what: "an unknown QEMU option",
    args: ["boot", "-c", "true", "--", "-frob"],
    code: 1,
    says: /-frob/,
  },
  {
    what: "a missing image",
    args: ["boot", "-c", "true", "--", ...drive("d0", "no.img"), ...disk("d0")],
    code: 1,
    says: /no\.img/,
  },
  {
    what: "a drive used twice",
    args: ["boot", "-c", "true", "--", ...drive("d0", "disk.img"), ...disk("d0"), ...disk("d0")],
    code: 1,
    says: /'?d0'?/,
  },
  {
    what: "two devices in one slot",
    args: ["boot", "-c", "true", "--"].concat(
      ["-device", "virtio-keyboard-device,bus=virtio-mmio-bus.3"],
      ["-device", "virtio-mouse-device,bus=virtio-mmio-bus.3"],
    ),
    code: 1,
    says: /virtio-mmio-bus\.3/,
  },
];

for (const { what, args, code, says } of MISTAKES) {
  cliTest(`says in one line what is wrong with ${what}`, async (folder) => {
    const outcome = await paraguest(folder, args);
    assertEquals(
      { code: outcome.code, stdout: outcome.stdout },
      { code, stdout: "" },
      outcome.stderr,
    );
    assertMatch(outcome.stderr, /^paraguest: [^\n]*\n$/);
    assertMatch(outcome.stderr, says);
  });
}

/** What fails in the guest: the shell's words and code, by the recordings `errors` and `modules`. */
const GUEST_FAILURES = [
  ["modprobe nosuch", 1, "modprobe: module nosuch not found in modules.dep\n"],
  [
    "echo 1 > /sys/bus/virtio/devices/virtio0/device",
    1,
    "sh: can't create /sys/bus/virtio/devices/virtio0/device: Permission denied\n",
  ],
  ["cat /nosuch", 1, "cat: can't open '/nosuch': No such file or directory\n"],
  ["exit 42", 42, ""],
] as const;

for (const [command, code, stderr] of GUEST_FAILURES) {
  cliTest(`boot -c '${command}' ends with code ${code}`, async (folder) => {
    const devices = ["--", "-device", "virtio-keyboard-device"];
    assertEquals(await paraguest(folder, ["boot", "-c", command, ...devices]), {
      code,
      stdout: "",
      stderr,
    });
  });
}

cliTest("boot --dts compiles a tree, and points at what is wrong with one", async (folder) => {
  await Deno.writeTextFile(`${folder}/bad.dts`, '/dts-v1/;\n/ {\n\tmodel = "x"\n};\n');
  const { code, stderr } = await paraguest(folder, ["boot", "--dts", "bad.dts", "-c", "true"]);
  assertEquals(code, 1);
  assertMatch(stderr, /bad\.dts:3/);
  assertMatch(stderr, /\^/);
});

cliTest(
  "boot keeps what the guest wrote to an image, also when its script fails",
  async (folder) => {
    const write = "echo kept | dd of=/dev/vda 2>/dev/null; false";
    const args = ["boot", "-c", write, "--", ...drive("d0", "disk.img"), ...disk("d0")];
    assertEquals((await paraguest(folder, args)).code, 1);
    const image = await Deno.readFile(`${folder}/disk.img`);
    assertEquals(new TextDecoder().decode(image.subarray(0, 5)), "kept\n");
    assertEquals(image.length, 1 << 20);
  },
);

cliTest("boot reads its script from standard input", async (folder) => {
  const script = "for i in 1 2; do\n  echo line $i\ndone\nexit 3\n";
  assertEquals(await paraguest(folder, ["boot"], script), {
    code: 3,
    stdout: "line 1\nline 2\n",
    stderr: "",
  });
});

cliTest(
  "boot --dmesg prints the log, --trace writes the registers in QEMU's words",
  async (folder) => {
    const args = [
      "boot",
      "--dmesg",
      "--trace",
      "t",
      "-c",
      "true",
      "--",
      "-device",
      "virtio-mouse-device",
    ];
    const { code, stdout } = await paraguest(folder, args);
    assertEquals(code, 0);
    assertMatch(stdout, /^\[ {4}0\.\d{6}\] .*\n/);
    assert(
      stdout.includes("input: QEMU Virtio Mouse as /devices/platform/a003e00.virtio_mmio/virtio0/"),
    );
    const trace = comparableTrace(await Deno.readTextFile(`${folder}/t`));
    // 31 empty slots: magic, version, device id; then the mouse.
    assertEquals(trace.slice(0, 3), ["read 0x0", "read 0x4", "read 0x8"]);
    assertEquals(trace.filter((line) => line === "read 0xc").length, 1);
  },
);

cliTest("help and --help explain", async (folder) => {
  for (const [args, says] of [[["help"], "verbs:"], [["boot", "--help"], "--modules"]] as const) {
    const { code, stdout, stderr } = await paraguest(folder, args);
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    assert(stdout.includes(says));
  }
});

Deno.test("paraguest prints what Linux prints for the first recording", async () => {
  const recording = new URL("recordings/basic/", import.meta.url);
  const args = (await Deno.readTextFile(new URL("args", recording))).split(/\s+/).filter((w) =>
    w !== ""
  );
  await inFolder(async (folder) => {
    const script = new URL("guest.sh", recording).pathname;
    const outcome = await paraguest(folder, [
      "boot",
      "--modules",
      "all",
      "--script",
      script,
      "--",
      ...args,
    ]);
    assertEquals(outcome.code, 0);
    const expected = await Deno.readTextFile(new URL("stdout.txt", recording));
    assertEquals((outcome.stdout + outcome.stderr).split("\n"), expected.split("\n"));
  });
});

cliTest(
  "boot --order moves initcalls and slots, and says what it does not know",
  async (folder) => {
    const order = { initcalls: { virtio_init: { level: "late" } } };
    await Deno.writeTextFile(`${folder}/order.json`, JSON.stringify(order));
    const words = ["boot", "--order", "order.json", "--dmesg", "-c", "true"];
    const moved = await paraguest(folder, words);
    assertMatch(
      moved.stdout,
      /Driver 'virtio_blk' was unable to register with bus_type 'virtio' because the bus was not initialized\./,
    );
    await Deno.writeTextFile(`${folder}/order.json`, '{ "slot": [] }');
    const wrong = await paraguest(folder, words);
    assertEquals(wrong.code, 1);
    assertMatch(
      wrong.stderr,
      /^paraguest: ordering: unknown 'slot'; known: initcalls, slots, .*\n$/,
    );
  },
);

cliTest("says in one line which parameter about order is not modelled", async (folder) => {
  const args = ["boot", "--append", "rootwait initramfs_async=0 quiet", "-c", "echo on"];
  const { code, stdout, stderr } = await paraguest(folder, args);
  assertEquals([code, stdout], [0, "on\n"]);
  assertEquals(stderr.match(/^paraguest: (\w+): .*not modelled here$/gm)?.length, 2);
});
