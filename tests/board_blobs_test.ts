/**
 * The trees of some 580 real boards, from Debian's arm64 kernel package. `BOARD_BLOBS` names their folder;
 * without it they are looked for where the package puts them and where `.ci/run` unpacks it.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { parseDts } from "../kernel/of/dts/parse.ts";
import { writeDts } from "../kernel/of/dts/write.ts";
import { unflattenDeviceTree } from "../kernel/of/fdt.ts";
import { flattenDeviceTree } from "../kernel/of/fdt_write.ts";
import type { DeviceNode } from "../kernel/of/node.ts";
import { ofPlatformPopulateOrder } from "../kernel/of/platform.ts";
import type { DeviceTree } from "../kernel/of/tree.ts";
import { type CompileOutcome, type CorpusRun, peerOutcomes } from "./dts_corpus.ts";
import { lacks } from "./peers.ts";

/** The folder of the blobs, if there is one. */
function blobFolder(): string | undefined {
  const given = Deno.env.get("BOARD_BLOBS");
  if (given !== undefined) return given;
  for (const lib of [`${Deno.env.get("HOME")}/.cache/paraguest/arm64-kernel/usr/lib`, "/usr/lib"]) {
    for (const name of namesIn(lib)) {
      const folder = `${lib}/${name}`;
      if (name.startsWith("linux-image-") && namesIn(folder).includes("qcom")) return folder;
    }
  }
  return undefined;
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  } catch {
    return [];
  }
}

const FOLDER = blobFolder() ?? "/nonexistent";
const BOARDS: CorpusRun[] = namesIn(FOLDER).flatMap((vendor) =>
  namesIn(`${FOLDER}/${vendor}`).filter((name) => /\.dtbo?$/.test(name)).map((name) => ({
    name: `${vendor}/${name}`,
    folder: `${FOLDER}/${vendor}`,
    stages: [["-q", "-q", "-I", "dtb", "-O", "dtb", name]],
  }))
);
const VENDORS = new Set(BOARDS.map(({ folder }) => folder));
const ignore = BOARDS.length === 0 && Deno.env.get("REQUIRE_PEERS") === undefined;

function readBoard({ name }: CorpusRun): DeviceTree {
  return unflattenDeviceTree(Deno.readFileSync(`${FOLDER}/${name}`));
}

Deno.test({ name: "there are hundreds of boards", ignore }, () => {
  assert(BOARDS.length > 500, `${BOARDS.length} blobs in ${FOLDER}`);
});

let peer: Promise<CompileOutcome[][]> | undefined = undefined;

for (const vendor of VENDORS) {
  Deno.test({
    name: `blob to source to blob gives dtc's bytes: ${vendor.slice(FOLDER.length + 1)}`,
    ignore: lacks("dtc"),
    async fn() {
      const outcomes = await (peer ??= peerOutcomes(BOARDS));
      BOARDS.forEach((board, index) => {
        if (board.folder !== vendor) return;
        const tree = readBoard(board);
        const back = parseDts(writeDts(tree));
        // Source has no place for it; dtc takes it from the option -b.
        back.bootCpuid = tree.bootCpuid;
        assertEquals(flattenDeviceTree(back), outcomes[index][0].output, board.name);
      });
    },
  });
}

/** Text of a property up to its first NUL. */
function text(node: DeviceNode, name: string): string | undefined {
  const value = node.get(name);
  return value && new TextDecoder("latin1").decode(value).split("\0")[0];
}

function isCompatible(node: DeviceNode, ...names: string[]): boolean {
  const value = node.get("compatible") ?? new Uint8Array(0);
  const own = new TextDecoder("latin1").decode(value).toLowerCase().split("\0");
  return names.some((name) => own.includes(name));
}

const isAvailable = (node: DeviceNode) => ["okay", "ok", undefined].includes(text(node, "status"));

/** Whether the kernel's main sweep makes a device of a node, said of one node without a sweep. */
function isSwept(node: DeviceNode): boolean {
  if (node.parent === undefined || !node.properties.has("compatible") || !isAvailable(node)) {
    return false;
  }
  if (isCompatible(node, "operating-points-v2")) return false;
  if (node.parent.parent === undefined || node.parent.path === "/firmware") return true;
  return isCompatible(node.parent, "simple-bus", "simple-mfd", "isa", "arm,amba-bus") &&
    !isCompatible(node.parent, "arm,primecell") && isSwept(node.parent);
}

/** Whether a node becomes a device before the main sweep. */
function isEarly(node: DeviceNode): boolean {
  const memory = ["phram", "qcom,rmtfs-mem", "qcom,cmd-db", "qcom,smem", "ramoops", "nvmem-rmem"];
  if (!isAvailable(node)) return false;
  return isCompatible(node, ...memory, "google,open-dice") ||
    (node.parent?.path === "/chosen" && isCompatible(node, "simple-framebuffer"));
}

Deno.test({ name: "the devices of each board are the nodes that the rules name", ignore }, () => {
  let devices = 0;
  for (const board of BOARDS) {
    const tree = readBoard(board);
    const expected = [...tree.nodes()].filter((node) => isSwept(node) || isEarly(node));
    const steps = ofPlatformPopulateOrder(tree);
    const made = steps.map(({ np }) => np.path).sort();
    assertEquals(made, expected.map(({ path }) => path).sort(), board.name);
    devices += made.length;
  }
  assert(devices > 10_000, `${devices} devices`);
});
