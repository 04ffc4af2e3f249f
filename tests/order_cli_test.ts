/**
 * The verbs `order` and `replay`, run as a user runs them.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { inFolder, paraguest, spawnParaguest } from "./cli_process.ts";

const MACHINE = [
  "--",
  ...["-drive", "if=none,id=d0,file=disk.img,format=raw"],
  ...["-device", "virtio-blk-device,drive=d0"],
];
const LEVELS = ["--vary", "levels=virtio_init,virtio_blk_init"];
const SMALL = [
  "--only",
  "virtio_init,bdi_class_init,genhd_device_init,virtio_mmio_init,virtio_blk_init",
];
const SCENARIO = [...LEVELS, ...SMALL];

Deno.test("paraguest order tells each outcome, how it comes and why; exit code 1 where there are several", async () => {
  await inFolder(async (folder) => {
    const { code, stdout, stderr } = await paraguest(folder, ["order", ...SCENARIO, ...MACHINE]);
    assertEquals([code, stderr], [1, ""]);
    assertMatch(stdout, /\d+ orders, exhaustive: all \d+ classes, in \d+ runs: \d+ outcomes/);
    assertStringIncludes(stdout, "smallest change: virtio_blk_init before virtio_mmio_init");
    assertStringIncludes(
      stdout,
      'why: virtio_blk_init looks at bus "virtio" before virtio_init changes it.',
    );
    assertStringIncludes(stdout, "+ virtio_blk_init failed with EINVAL");
  });
});

Deno.test("paraguest order says that nothing depends on the order; exit code 0", async () => {
  await inFolder(async (folder) => {
    const words = ["order", "--vary", "modules", "--modules", "virtio_blk,virtio_net", ...MACHINE];
    const { code, stdout } = await paraguest(folder, words);
    assertEquals(code, 0);
    assertStringIncludes(stdout, "2 orders, exhaustive");
    assertStringIncludes(stdout, "The order makes no difference");
  });
});

Deno.test("paraguest replay boots as the id says: the same log each time, of the order that was told", async () => {
  await inFolder(async (folder) => {
    const json = await paraguest(folder, ["order", "--json", ...SCENARIO, ...MACHINE]);
    const { outcomes } = JSON.parse(json.stdout);
    const failing = outcomes.find(({ views }: { views: { errors: string } }) =>
      views.errors === "virtio_blk_init failed with EINVAL"
    );
    const words = ["replay", failing.replayId, ...SCENARIO, ...MACHINE];
    assertEquals(failing.replay, `paraguest ${words.join(" ")}`);
    const first = await paraguest(folder, words);
    assertEquals(await paraguest(folder, words), first);
    assertStringIncludes(first.stdout, "Driver 'virtio_blk' was unable to register");
    const steps = await paraguest(folder, [...words.toSpliced(2, 0, "--steps")]);
    assertEquals(steps.stdout.trimEnd().split("\n"), failing.witness);
  });
});

Deno.test("paraguest order: all shards make the whole, and so do workers", async () => {
  await inFolder(async (folder) => {
    const told = async (words: string[]) => {
      const { stdout } = await paraguest(folder, ["order", ...words]);
      return JSON.parse(stdout);
    };
    const whole = await told(["--json", ...SCENARIO, ...MACHINE]);
    for (const index of [1, 2]) {
      const part = ["--shard", `${index}/2`, "--out", `${index}.json`];
      const { stdout } = await paraguest(folder, ["order", ...part, ...SCENARIO, ...MACHINE]);
      assertMatch(stdout, RegExp(`part ${index} of 2`));
    }
    const merged = await told(["merge", "2.json", "1.json", "--json", "--report", "r.html"]);
    assertEquals(merged.outcomes, whole.outcomes);
    assertEquals(merged.coverage.kind, "exhaustive");
    const page = await Deno.readTextFile(`${folder}/r.html`);
    assertStringIncludes(page, `paraguest replay ${whole.outcomes[1].replayId} --vary levels=`);
    const helped = await told(["--jobs", "2", "--json", ...SCENARIO, ...MACHINE]);
    assertEquals([helped.outcomes, helped.coverage], [whole.outcomes, whole.coverage]);
    const one = await told(["merge", "1.json", "--json"]);
    assertEquals(one.coverage, { kind: "bounded", text: "parts 2 of 2 are missing" });
  });
});

/** What is said when Ctrl-C comes after some time. */
async function interrupted(folder: string, waitMs: number): Promise<string> {
  // Far more orders than anyone waits for.
  const child = spawnParaguest(folder, ["order", "--vary", "levels,slots", ...MACHINE]);
  await child.stdin.close();
  const ended = child.output();
  await new Promise((resolve) => setTimeout(resolve, waitMs));
  child.kill("SIGINT");
  const { code, stdout, stderr } = await ended;
  assertEquals([code, new TextDecoder().decode(stderr)], [130, ""]);
  return new TextDecoder().decode(stdout);
}

Deno.test("paraguest order keeps what it has at Ctrl-C and says so; exit code 130", async () => {
  await inFolder(async (folder) => {
    let text = "";
    // A busy machine may need longer to come that far.
    for (let waitMs = 3000; text === "" && waitMs < 60_000; waitMs *= 4) {
      text = await interrupted(folder, waitMs);
    }
    assertMatch(text, /stopped after \d+ runs/);
  });
});

Deno.test("paraguest order --sample and --bound say what they are", async () => {
  await inFolder(async (folder) => {
    const sampled = await paraguest(folder, [
      ...["order", "--sample", "5", "--seed", "7", ...SCENARIO, ...MACHINE],
    ]);
    assertMatch(sampled.stdout, /sampled with seed 7, 5 runs/);
    const bounded = await paraguest(folder, ["order", "--bound", "1", ...SCENARIO, ...MACHINE]);
    assertMatch(bounded.stdout, /bounded by 1 inversion/);
  });
});

/** What a user may get wrong: the words, the exit code, and what the one line on standard error names. */
const MISTAKES: readonly (readonly [words: string, code: number, says: RegExp])[] = [
  ["order --vary colours", 2, /'colours'.*initcalls/],
  ["order --view colours", 2, /'colours'.*bindings/],
  ["order --bound many", 2, /--bound.*'many'/],
  ["order --shard 3/2", 2, /--shard.*'3\/2'/],
  ["order --shard 1/2 --sample 3", 2, /--sample and --shard exclude/],
  ["order --vary levels=virtio_int", 2, /no initcall 'virtio_int'.*is it virtio_init\?/],
  ["order --vary levels=virtio_net", 2, /no initcall 'virtio_net'.*is it virtio_net_driver_init\?/],
  ["order --vary levels=", 2, /'levels=' names nothing/],
  ["order --vary slots=a003e0.virtio_mmio", 2, /'a003e0.virtio_mmio'.*a003e00.virtio_mmio\?/],
  ["order --vary modules=frob --modules all", 2, /no module 'frob'.*there are virtio_mmio/],
  ["order --only frob", 2, /no initcall 'frob'/],
  ["order --only virtio_init --vary levels=virtio_blk_init", 2, /no initcall 'virtio_blk_init'/],
  ["order --jobs 0", 2, /--jobs.*from 1/],
  ["order --jobs 9999", 2, /--jobs.*'9999'/],
  ["order --seconds 0", 2, /--seconds.*above 0/],
  ["explain virtio0 -c frob", 1, /-c 'frob' ended with 127: .*not found/],
  ["dt", 2, /explain, tree, get or diff is wanted/],
  ["dt explain /virtio_mmio@a003e0", 2, /is it \/virtio_mmio@a003e00\?/],
  ["order --report no/r.html", 1, /no\/r\.html/],
  ["order --out .", 1, /Is a directory/],
  ["order --seed 3", 2, /--seed needs --sample/],
  ["order frob", 2, /'frob'.*--/],
  ["order --frob", 2, /'--frob'.*--help/],
  ["order merge", 2, /files of all shards/],
  ["order merge no.json", 1, /no\.json/],
  ["order merge disk.img", 1, /disk\.img: not a result/],
  ["order -- -device virtio-toaster-device", 1, /virtio-toaster-device/],
  ["replay", 2, /one replay id/],
  ["replay frob", 1, /'frob' is no replay id/],
  ["replay pg1-000000--00", 1, /mistyped/],
];

Deno.test("paraguest order and replay name mistakes in one line", async () => {
  await inFolder(async (folder) => {
    for (const [words, expected, says] of MISTAKES) {
      const { code, stdout, stderr } = await paraguest(folder, words.split(" "));
      assertEquals([code, stdout], [expected, ""], words);
      assertMatch(stderr, says);
      assertEquals(stderr.trimEnd().split("\n").length, 1, stderr);
    }
  });
});

Deno.test("paraguest order --help and replay --help name all that they take", async () => {
  await inFolder(async (folder) => {
    for (const verb of ["order", "replay"]) {
      const { code, stdout } = await paraguest(folder, [verb, "--help"]);
      assertEquals(code, 0);
      for (const word of ["--vary", "initcalls", "deferral", "--profile", "QEMU_OPTION"]) {
        assert(stdout.includes(word), `${verb} --help: ${word}`);
      }
      assert(stdout.split("\n").every((line) => line.length <= 92), verb);
    }
  });
});
