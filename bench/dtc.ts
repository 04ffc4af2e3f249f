/**
 * How fast device trees are compiled: `paraguest dtc` as a process of its own beside dtc, source to blob,
 * and a blob into a tree. Runs of both alternate; figures are medians. The blobs must be the same.
 *
 *     deno run -A bench/dtc.ts [NODES...]
 *
 * @module
 */
import { readFdt } from "../kernel/of/fdt.ts";
import { equalBytes } from "../kernel/of/bytes.ts";
import { median, row } from "./report.ts";

const ROUNDS = 3;
const NODES = [1000];
/** dtc's parser gives up at 3,330 levels. */
const DEPTH = 1000;

/** What a tree looks like. */
interface Shape {
  readonly name: string;
  readonly options: readonly string[];
  /** More nodes take dtc, which looks for labels one by one, many minutes. */
  readonly peerNodesMax: number;
  readonly source: (nodes: number) => string;
}

const SHAPES: readonly Shape[] = [
  {
    name: "flat",
    options: [],
    peerNodesMax: Infinity,
    source: (nodes) => buses(nodes, false, false),
  },
  { name: "deep", options: [], peerNodesMax: Infinity, source: deep },
  {
    name: "labelled, -@",
    options: ["-@"],
    peerNodesMax: 10_000,
    source: (nodes) => buses(nodes, true, false),
  },
  {
    name: "referenced",
    options: [],
    peerNodesMax: 10_000,
    source: (nodes) => buses(nodes, true, true),
  },
];

/** Buses with as many devices each as there are buses. */
function buses(nodes: number, labelled: boolean, referenced: boolean): string {
  const width = Math.round(Math.sqrt(nodes));
  const hex = (value: number) => value.toString(16);
  const parts = [`/dts-v1/;

/ {
	#address-cells = <1>;
	#size-cells = <1>;
	interrupt-parent = <&intc>;

	intc: interrupt-controller@1000 {
		compatible = "example,intc";
		reg = <0x1000 0x1000>;
		interrupt-controller;
		#interrupt-cells = <3>;
		#address-cells = <0>;
	};
`];
  for (let bus = 0; bus < width; bus++) {
    const base = 0x10000000 + bus * 0x100000;
    parts.push(`
	bus@${hex(base)} {
		compatible = "simple-bus";
		#address-cells = <1>;
		#size-cells = <1>;
		ranges = <0 0x${hex(base)} 0x100000>;
`);
    for (let device = 0; device < width; device++) {
      const at = hex(device * 0x100);
      parts.push(`
		${labelled ? `dev_${bus}_${device}: ` : ""}device@${at} {
			compatible = "example,device-${device % 7}", "example,device";
			reg = <0x${at} 0x100>;
			interrupts = <0 ${(bus * width + device) % 900} 4>;
			status = "okay";
`);
      if (referenced) parts.push(`\t\t\tpeer = <&dev_${bus}_${(device + 1) % width}>;\n`);
      parts.push("\t\t};\n");
    }
    parts.push("\t};\n");
  }
  parts.push("};\n");
  return parts.join("");
}

/** Chains of nodes, each below the last. */
function deep(nodes: number): string {
  const parts = ["/dts-v1/;\n\n/ {\n"];
  for (let at = 0; at < nodes; at += DEPTH) {
    const depth = Math.min(DEPTH, nodes - at);
    parts.push(`chain-${at} {\n`, 'n { p = "x"; q = <1 2>; '.repeat(depth), "}; ".repeat(depth));
    parts.push("\n};\n");
  }
  parts.push("};\n");
  return parts.join("");
}

/** Milliseconds of a process, start and end included. */
function measure(program: string, args: readonly string[]): number {
  const start = performance.now();
  const { success, stderr } = new Deno.Command(program, { args: [...args] }).outputSync();
  if (!success) {
    throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  }
  return performance.now() - start;
}

/** Compiles each shape with both; gives dtc's time by ours, for each shape and size, NaN without dtc. */
export async function benchDtc(sizes: readonly number[] = NODES): Promise<number[]> {
  const folder = await Deno.makeTempDir();
  const ratios: number[] = [];
  try {
    row("dtc", "nodes", "here ms", "dtc ms", "dtc / here", "blob->tree ms");
    for (const nodes of sizes) {
      for (const shape of SHAPES) ratios.push(benchShape(folder, shape, nodes));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return ratios;
}

function benchShape(folder: string, shape: Shape, nodes: number): number {
  const [input, ours, theirs] = ["in.dts", "ours", "theirs"].map((file) => `${folder}/${file}`);
  Deno.writeTextFileSync(input, shape.source(nodes));
  const cli = new URL("../cli.ts", import.meta.url).pathname;
  const args = ["-q", ...shape.options, "-O", "dtb", input, "-o"];
  const withPeer = nodes <= shape.peerNodesMax;
  const here: number[] = [];
  const peer: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    here.push(measure(Deno.execPath(), ["run", "-A", cli, "dtc", ...args, ours]));
    if (withPeer) peer.push(measure("dtc", [...args, theirs]));
  }
  const blob = Deno.readFileSync(ours);
  if (withPeer && !equalBytes(blob, Deno.readFileSync(theirs))) {
    throw new Error(`${shape.name}: blobs differ`);
  }
  const ratio = withPeer ? median(peer) / median(here) : NaN;
  const cells = withPeer ? [median(peer).toFixed(0), ratio.toFixed(2)] : ["-", "-"];
  row(shape.name, nodes, median(here).toFixed(0), ...cells, median(readTimes(blob)).toFixed(1));
  return ratio;
}

/** Milliseconds that a blob takes to become a tree. */
function readTimes(blob: Uint8Array): number[] {
  return Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    readFdt(blob, { maxDepth: Infinity, irregular: () => {} });
    return performance.now() - start;
  });
}

if (import.meta.main) await benchDtc(Deno.args.length > 0 ? Deno.args.map(Number) : undefined);
