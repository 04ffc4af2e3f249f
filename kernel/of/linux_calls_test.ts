/**
 * What Linux's own functions returned for a tree of random nodes. A kernel 6.1 was booted with
 * `testdata/random.dtb`; a file of its debugfs called each function for each node below `/tests` and printed
 * the results, one call a line: `testdata/random_linux.txt.gz`. Here the same calls are made.
 */
import { assertEquals } from "@std/assert";
import { ERRNO } from "../errno.ts";
import { KernelError } from "../errors.ts";
import * as of from "./mod.ts";

type Result<T> = T | number;

/** What a call gives: its value, or a negative errno. */
function call<T>(body: () => T): Result<T> {
  try {
    return body();
  } catch (error) {
    if (error instanceof KernelError) return -ERRNO[error.code];
    throw error;
  }
}

function hex(value: number | bigint): string {
  return BigInt.asUintN(64, BigInt(value)).toString(16);
}

function phandleArgs(found: Result<{ np: of.DeviceNode | undefined; args: number[] }>): string {
  if (typeof found === "number") return String(found);
  return [found.np?.pOF ?? "null", ...found.args.map(hex)].join(" ");
}

const TABLE: readonly of.OfDeviceId[] = [
  { compatible: "acme,two" },
  { compatible: "ACME,one" },
  { compatible: "acme,one", type: "serial" },
  { name: "dev", compatible: "acme,one" },
  { name: "bus" },
  { type: "serial" },
  { type: "pci", name: "pcie" },
  { compatible: "simple-bus" },
];

/** The calls about addresses. */
function* addressCalls(tree: of.DeviceTree, np: of.DeviceNode): Generator<string> {
  const cells = [of.ofNAddrCells, of.ofNSizeCells, of.ofBusNAddrCells, of.ofBusNSizeCells];
  yield `cells ${cells.map((count) => count(np)).join(" ")}`;
  const bigEndian = Number(of.ofPropertyReadBool(np, "big-endian"));
  yield `avail ${Number(of.ofDeviceIsAvailable(np))} be ${bigEndian}`;
  for (let index = 0; index < 4; index++) {
    const found = of.ofGetAddress(np, index);
    yield found ? `addr ${index} ${hex(found.size)} ${hex(found.flags)}` : `addr ${index} null`;
    const resource = call(() => of.ofAddressToResource(np, index));
    yield typeof resource === "number" ? `res ${index} ${resource}` : [
      `res ${index} ${hex(resource.start)} ${hex(resource.end)}`,
      `${hex(resource.flags)} ${resource.name}`,
    ].join(" ");
    if (found === undefined) continue;
    const dma = of.ofTranslateDmaAddress(tree, np, found.address);
    yield `tr ${index} ${hex(of.ofTranslateAddress(np, found.address))} ${hex(dma)}`;
  }
  for (const name of ["ranges", "dma-ranges"] as const) {
    const rows = of.ofRanges(tree, np, name).map(({ flags, busAddress, cpuAddress, size }) =>
      `[${[flags, busAddress, cpuAddress, size].map(hex).join(" ")}]`
    );
    yield np.properties.has(name) ? [name, 0, ...rows].join(" ") : `${name} ${-ERRNO.ENOENT}`;
  }
  const dma = call(() => of.ofDmaGetRange(tree, np));
  yield typeof dma === "number" ? `dmarange ${dma}` : `dmarange 0${dmaText(dma)}`;
  yield `coherent ${Number(of.ofDmaIsCoherent(tree, np))}`;
}

/** Linux's list of ranges ends at one of no size. */
function dmaText(ranges: readonly of.OfRange[]): string {
  const end = ranges.findIndex(({ size }) => size === 0n);
  return ranges.slice(0, end < 0 ? undefined : end)
    .map((range) => ` [${[range.busAddress, range.cpuAddress, range.size].map(hex).join(" ")}]`)
    .join("");
}

/** The calls about interrupts and lists of phandles. */
function* phandleCalls(tree: of.DeviceTree, np: of.DeviceNode): Generator<string> {
  yield `irqparent ${of.ofIrqFindParent(tree, np)?.pOF ?? "null"}`;
  for (let index = 0; index < 4; index++) {
    yield `irq ${index} ${phandleArgs(call(() => of.ofIrqParseOne(tree, np, index)))}`;
  }
  if (!np.properties.has("xs")) return;
  for (let index = -1; index < 5; index++) {
    const line = (name: string, body: () => { np: of.DeviceNode | undefined; args: number[] }) =>
      `${name} ${index} ${phandleArgs(call(body))}`;
    yield line("args", () => of.ofParsePhandleWithArgs(tree, np, "xs", "#x-cells", index));
    yield line("opt", () => of.ofParsePhandleWithOptionalArgs(tree, np, "xs", "#x-cells", index));
    yield line("fix", () => of.ofParsePhandleWithFixedArgs(tree, np, "xs", 1, index));
    yield line("map", () => of.ofParsePhandleWithArgsMap(tree, np, "xs", "x", index));
    yield `ph ${index} ${of.ofParsePhandle(tree, np, "xs", index)?.pOF ?? "null"}`;
  }
  const count = (cells?: string) => call(() => of.ofCountPhandleWithArgs(tree, np, "xs", cells));
  yield `phcount ${count("#x-cells")} ${count()}`;
}

/** The calls about names. */
function* nameCalls(tree: of.DeviceTree, np: of.DeviceNode): Generator<string> {
  const row = of.ofMatchNode(TABLE, np);
  const scores = ["acme,ONE", "acme,two"].map((text) => of.ofDeviceIsCompatible(np, text));
  yield `match ${row === undefined ? -1 : TABLE.indexOf(row)} compat ${scores.join(" ")}`;
  const id = (stem: string) => call(() => of.ofAliasGetId(tree, np, stem));
  yield `alias ${id("serial")} ${id("x")}`;
  yield `name ${of.ofDeviceMakeBusId(np)} res ${of.ofAddressCount(np)}`;
}

const LIMITS = [[0, 0], [1, 0], [2, 0], [1, 3], [3, 8], [0, 2]] as const;

/** The calls about one property. */
function* propertyCalls(np: of.DeviceNode, name: string): Generator<string> {
  yield `P ${name}`;
  yield `u8 ${call(() => of.ofPropertyReadU8(np, name))}`;
  yield `u16 ${call(() => of.ofPropertyReadU16(np, name))}`;
  yield `u32 ${call(() => of.ofPropertyReadU32(np, name))}`;
  const wide = (found: Result<bigint>) => typeof found === "bigint" ? hex(found) : found;
  yield `u64 ${wide(call(() => of.ofPropertyReadU64(np, name)))}`;
  for (let index = 1; index < 4; index++) {
    yield `u32i ${index} ${call(() => of.ofPropertyReadU32Index(np, name, index))}`;
    yield `u64i ${index} ${wide(call(() => of.ofPropertyReadU64Index(np, name, index)))}`;
  }
  for (const [min, max] of LIMITS) yield* arrayCalls(np, name, min, max);
  for (const size of [1, 2, 4, 8]) {
    yield `count ${size} ${call(() => of.ofPropertyCountElemsOfSize(np, name, size))}`;
  }
  const text = (found: Result<string>) => typeof found === "number" ? `${found} ` : `0 ${found}`;
  yield `str ${text(call(() => of.ofPropertyReadString(np, name)))}`;
  for (let index = 0; index < 3; index++) {
    const found = call(() => of.ofPropertyReadStringIndex(np, name, index));
    yield `stri ${index} ${text(found)}`;
  }
  yield `strs ${call(() => of.ofPropertyCountStrings(np, name))}`;
  const strings = call(() => of.ofPropertyReadStringArray(np, name, 2));
  yield `stra ${typeof strings === "number" ? strings : [strings.length, ...strings].join(" ")}`;
  yield `match ${call(() => of.ofPropertyMatchString(np, name, "two"))}`;
}

function* arrayCalls(
  np: of.DeviceNode,
  name: string,
  min: number,
  max: number,
): Generator<string> {
  const show = (bits: number, found: Result<readonly (number | bigint)[]>) => {
    const result = typeof found === "number" ? [found] : [found.length, ...found.map(hex)];
    return [`a${bits}`, min, max, ...result].join(" ");
  };
  const limits = { min, max };
  yield show(8, call(() => of.ofPropertyReadVariableU8Array(np, name, limits)));
  yield show(16, call(() => of.ofPropertyReadVariableU16Array(np, name, limits)));
  yield show(32, call(() => of.ofPropertyReadVariableU32Array(np, name, limits)));
  yield show(64, call(() => of.ofPropertyReadVariableU64Array(np, name, limits)));
}

/** All calls, in the recording's order. */
function* calls(tree: of.DeviceTree): Generator<string> {
  const tests = tree.find("/tests").node!;
  for (const path of of.ofPropertyReadStringArray(tests, "path-list")) {
    const { node, options } = tree.find(path);
    yield `path ${path} = ${node === undefined ? "null" : node.pOF} ${options ?? "(null)"}`;
  }
  const highest = ["serial", "x", "nope"]
    .map((stem) => call(() => of.ofAliasGetHighestId(tree, stem)));
  yield `highest ${highest.join(" ")}`;
  for (const np of of.nodesBelow(tests.children)) {
    yield `N ${np.pOF}`;
    yield* addressCalls(tree, np);
    yield* phandleCalls(tree, np);
    yield* nameCalls(tree, np);
    for (const name of np.properties.keys()) {
      if (name.startsWith("p-")) yield* propertyCalls(np, name);
    }
  }
}

Deno.test("each function returns what Linux's returned, for eighty random nodes", async () => {
  const read = (name: string) => Deno.readFile(new URL(`testdata/${name}`, import.meta.url));
  const packed = new Blob([await read("random_linux.txt.gz")]).stream();
  const text = await new Response(packed.pipeThrough(new DecompressionStream("gzip"))).text();
  const recorded = text.trimEnd().split("\n");
  const ours = [...calls(of.unflattenDeviceTree(await read("random.dtb")))];
  const at = ours.findIndex((line, index) => line !== recorded[index]);
  const node = recorded.slice(0, at + 1).findLast((line) => line.startsWith("N "));
  assertEquals([node, ours[at]], [at < 0 ? undefined : node, recorded[at]]);
  assertEquals(ours.length, recorded.length);
});
