/**
 * The log is a real one: Linux 6.1 on QEMU 7.2 with a disk, a network card and a console, booted with
 * `initcall_debug`, and modules loaded by hand.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { bootChart } from "./boot_chart.ts";
import { bootLanes } from "./boot_lanes.ts";
import { type BootLog, type BootSpan, readBootLog } from "./boot_log.ts";
import { diffBootLogs } from "./boot_log_diff.ts";
import { chromeTrace } from "./chrome_trace.ts";

async function realLog(): Promise<string> {
  const file = await Deno.open(new URL("testdata/initcall_debug.txt.gz", import.meta.url));
  return await new Response(file.readable.pipeThrough(new DecompressionStream("gzip"))).text();
}

/** Sum of a log's durations in lines that hold `word`, by nothing but a look for digits. */
function usecsOf(log: string, word: string): { count: number; usecs: number } {
  const lines = log.split("\n").filter((line) => line.includes(word) && line.includes(" usecs"));
  const numbers = lines.map((line) => Number(line.split(" after ")[1].split(" usecs")[0]));
  return { count: lines.length, usecs: numbers.reduce((sum, usecs) => sum + usecs, 0) };
}

function total(spans: readonly BootSpan[]): { count: number; usecs: number } {
  return {
    count: spans.length,
    usecs: spans.reduce((sum, { durationUs }) => sum + durationUs, 0),
  };
}

Deno.test("readBootLog() takes every initcall and every probe of a real log", async () => {
  const text = await realLog();
  const { spans, unfinished, stamped, initAtUs } = readBootLog(text);
  assertEquals(
    total(spans.filter(({ kind }) => kind === "initcall")),
    usecsOf(text, "] initcall "),
  );
  assertEquals(total(spans.filter(({ kind }) => kind === "probe")), usecsOf(text, "] probe of "));
  assertEquals(unfinished, []);
  assert(stamped);
  const init = text.split("\n").find((line) => line.includes("Freeing unused kernel"));
  assertEquals(initAtUs, Math.round(Number(init?.split("]")[0].slice(1)) * 1e6));
});

Deno.test("readBootLog() knows modules, tasks, results, and which initcall probed", async () => {
  const { spans } = readBootLog(await realLog());
  const net = spans.find(({ name }) => name === "virtio_net_driver_init");
  const card = spans.find(({ kind, name }) => kind === "probe" && name === "virtio1");
  assertEquals([net?.module, net?.pid, net?.result, net?.durationUs], ["virtio_net", 87, 0, 71061]);
  assertEquals([card?.pid, card?.result, card?.durationUs], [87, 0, 60603]);
  assert(net !== undefined && card !== undefined);
  assert(net.startUs <= card.startUs && card.endUs <= net.endUs);
});

Deno.test("readBootLog() reads other spellings of lines: levels, callers, no stamps, two calls", () => {
  const lines = [
    "<7>[    1.000000][    T1] calling  a_init+0x0/0x10 @ 1\r",
    "<7>[    1.000020][    T1] initcall a_init+0x0/0x10 returned -19 after 10 usecs\r",
    "calling  5_sd_probe+0x0/0x10 [sd_mod] @ 7",
    "calling  a_init+0x0/0x10 @ 1",
    "initcall a_init+0x0/0x10 returned 0 after 30 usecs",
    "initcall 5_sd_probe+0x0/0x10 [sd_mod] returned after 50 usecs",
    "virtio virtio0: calling virtio_freeze+0x0/0x10 @ 9, parent: a003e00.virtio_mmio",
    "virtio virtio0: virtio_freeze+0x0/0x10 returned 0 after 5 usecs",
    "initcall lost_init+0x0/0x10 returned 0 after 30 usecs",
    "calling  stuck_init+0x0/0x10 @ 1",
    "probe of virtio0 returned 517 after 4 usecs",
  ];
  const { spans, unfinished } = readBootLog(lines.join("\n"));
  const short = ({ kind, name, module, result, durationUs }: BootSpan) =>
    [kind, name, module, result, durationUs].join(" ");
  assertEquals(spans.map(short).sort(), [
    "async 5_sd_probe sd_mod  50",
    "initcall a_init  -19 10",
    "initcall a_init  0 30",
    "pm virtio virtio0: virtio_freeze  0 5",
    "probe virtio0  517 4",
  ]);
  assertEquals(unfinished.map(({ name }) => name), ["stuck_init"]);
});

Deno.test("readBootLog() adds up durations where there are no stamps", () => {
  const lines = ["a", "b"].flatMap((name) => [
    `calling  ${name}+0x0/0x1 @ 1`,
    `initcall ${name}+0x0/0x1 returned 0 after 100 usecs`,
  ]);
  const { spans, stamped } = readBootLog(lines.join("\n"));
  assertEquals(spans.map(({ startUs, endUs }) => [startUs, endUs]), [[0, 100], [100, 200]]);
  assert(!stamped);
});

/** Logs with spans of three tasks at any times, in the order in which a reader hands them out. */
const LOGS: fc.Arbitrary<BootLog> = fc.array(
  fc.tuple(fc.nat(50), fc.nat(30), fc.nat(2)),
  { maxLength: 30 },
).map((times) => ({
  spans: times.map(([startUs, durationUs, pid], index) => ({
    ...{ kind: "initcall", name: `call${index}`, module: "", result: 0 } as const,
    ...{ startUs, durationUs, endUs: startUs + durationUs, pid },
  })).sort((a, b) => a.startUs - b.startUs || b.endUs - a.endUs),
  unfinished: [],
  initAtUs: undefined,
  stamped: true,
}));

Deno.test("bootLanes() shows every span once and covers none by another", () => {
  fc.assert(fc.property(LOGS, (log) => {
    const lanes = bootLanes(log);
    assertEquals(lanes.flatMap(({ spans }) => spans).length, log.spans.length);
    for (const { spans } of lanes) {
      for (const a of spans) {
        for (const b of spans) {
          if (a === b || a.depth !== b.depth) continue;
          assert(a.span.endUs <= b.span.startUs || b.span.endUs <= a.span.startUs);
        }
      }
    }
  }));
});

Deno.test("chromeTrace() has slices that nest on every track", () => {
  fc.assert(fc.property(LOGS, (log) => {
    const slices = chromeTrace(log).traceEvents.filter(({ ph }) => ph === "X");
    assertEquals(slices.length, log.spans.length);
    for (const a of slices) {
      for (const b of slices) {
        if (a === b || a.tid !== b.tid) continue;
        const [start, end, from, to] = [a.ts!, a.ts! + a.dur!, b.ts!, b.ts! + b.dur!];
        assert(
          end <= from || to <= start || start <= from && to <= end || from <= start && end <= to,
        );
      }
    }
  }));
});

Deno.test("bootChart() draws a box for every span of a real log", async () => {
  const log = readBootLog(await realLog());
  const chart = bootChart(log);
  assertEquals(chart.match(/<title>/g)?.length, log.spans.length);
});

Deno.test("bootChart() draws a log that says nothing", () => {
  assert(bootChart(readBootLog("nothing")).endsWith("</svg>\n"));
});

function logOf(names: readonly string[]): BootLog {
  const lines = names.map((name) =>
    `calling  ${name}+0x0/0x1 @ 1\ninitcall ${name}+0x0/0x1 returned 0 after 0 usecs`
  );
  return readBootLog(lines.join("\n"));
}

/** The fewest moves, by trying every set of calls that stay. */
function fewestMoves(before: readonly string[], after: readonly string[]): number {
  let best = before.length;
  for (let stays = 0; stays < 1 << after.length; stays++) {
    const places = after.filter((_, index) => stays & 1 << index).map((name) =>
      before.indexOf(name)
    );
    const inOrder = places.every((place, index) => index === 0 || places[index - 1] < place);
    if (inOrder) best = Math.min(best, before.length - places.length);
  }
  return best;
}

Deno.test("diffBootLogs() moves as few calls as possible, and its moves make the second order", () => {
  const names = ["a", "b", "c", "d", "e", "f", "g"];
  const orders = fc.shuffledSubarray(names, { minLength: names.length });
  fc.assert(fc.property(orders, (after) => {
    const { moved } = diffBootLogs(logOf(names), logOf(after));
    assertEquals(moved.length, fewestMoves(names, after));
    const result = names.filter((name) => !moved.some((call) => call.name === name));
    for (const { name, after } of moved) {
      result.splice(after === undefined ? 0 : result.indexOf(after) + 1, 0, name);
    }
    assertEquals(result, after);
  }));
});

Deno.test("diffBootLogs() names what is missing, new, or ends otherwise", async () => {
  const text = await realLog();
  const changed = text.replaceAll("virtio_blk_init+", "other_init+")
    .replace("probe of virtio1 returned 0 ", "probe of virtio1 returned 517 ")
    .replace(
      /initcall (virtio_console_init\S*) \[virtio_console\] returned 0 /,
      (line) => line.replace("returned 0", "returned -12"),
    );
  assertEquals(diffBootLogs(readBootLog(text), readBootLog(changed)), {
    missing: ["virtio_blk_init [virtio_blk]"],
    added: ["other_init [virtio_blk]"],
    moved: [],
    results: [{ name: "virtio_console_init [virtio_console]", from: 0, to: -12 }],
    probes: [{ name: "virtio1", from: 0, to: 517 }],
  });
});
