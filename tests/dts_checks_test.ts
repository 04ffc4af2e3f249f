/** All checks on files of the corpus, beside dtc's; and the checks of virtio nodes, which dtc has not. */
import { assertEquals } from "@std/assert";
import type { Finding } from "../kernel/of/checks/check.ts";
import { CheckLevels } from "../kernel/of/checks/levels.ts";
import { runChecks } from "../kernel/of/checks/run.ts";
import { CHECKS } from "../kernel/of/checks/table.ts";
import { fromDeviceTree } from "../kernel/of/compile_convert.ts";
import type { CompileTree } from "../kernel/of/compile_tree.ts";
import { buildTree } from "../kernel/of/dts/build.ts";
import { DtsError } from "../kernel/of/dts/diagnostic.ts";
import type { ReadFile } from "../kernel/of/dts/include.ts";
import { parseAst } from "../kernel/of/dts/parse_ast.ts";
import { unflattenDeviceTree } from "../kernel/of/fdt.ts";
import { type CorpusRun, corpusRuns, peerOutcomes } from "./dts_corpus.ts";
import { lacks } from "./peers.ts";

function treeOf(file: string, source: string | Uint8Array, read?: ReadFile): CompileTree {
  const { ast, diagnostics } = parseAst(source, { file, read });
  diagnostics.check();
  return buildTree(ast, diagnostics);
}

/** `Warning (reg_format): /n@1`, each once: properties are named by dtc only where it has them at hand. */
function lineOf({ check, severity, node, message }: Finding): string {
  const kind = severity === "error" ? "ERROR" : "Warning";
  const what = node?.path ?? message.replace(/^f/, "F");
  return `${kind} (${check.name}): ${what}`;
}

function findings(tree: CompileTree, words: readonly string[] = []): string[] {
  const levels = new CheckLevels(CHECKS, "1.6");
  const switches = words.join(" ").matchAll(/-([WE]) ?(\S+)/g);
  for (const [, kind, name] of switches) levels.set(kind === "W" ? "warning" : "error", name);
  const settings = {
    symbols: words.includes("-@"),
    phandleFormat: "epapr",
    version: "1.6",
    // dtc goes no further than the first check that finds an error.
    stopAtError: true,
  } as const;
  return unique(runChecks(tree, { levels, ...settings }).findings.map(lineOf));
}

function unique(lines: readonly string[]): string[] {
  return [...new Set(lines)].sort();
}

/** Files in source form whose warnings dtc prints. */
const RUNS = corpusRuns().filter(({ name, stages: [words, ...more] }) =>
  /^(checks|overlay|phandles)\//.test(name) && more.length === 0 &&
  !/ (-q+|-I) | no[-_]such/.test(` ${words.join(" ")}`)
);

/** What we find in a file, `undefined` if it is not even a tree. */
function corpusFindings({ folder, stages: [words] }: CorpusRun): string[] | undefined {
  const file = words[words.length - 1];
  const read = (path: string) => Deno.readFileSync(`${folder}${path}`);
  try {
    return findings(treeOf(file, read(file), read), words);
  } catch (error) {
    if (error instanceof DtsError) return undefined;
    throw error;
  }
}

Deno.test("checks find what dtc finds in the corpus", {
  ignore: lacks("dtc"),
}, async (t) => {
  const outcomes = await peerOutcomes(RUNS);
  for (const [index, run] of RUNS.entries()) {
    const ours = corpusFindings(run)?.filter((line) => !line.includes("(virtio_"));
    const [{ code, checks }] = outcomes[index];
    // Code 1: no tree. From 128 on dtc crashed.
    if (ours === undefined || code === 1 || code >= 128) continue;
    // A deleted node's name is lost to dtc.
    if (checks.length === 0 && code === 2) continue;
    const theirs = unique(checks.map((line) => line.replace(/(: \/[^ :]*):.*$/, "$1")));
    await t.step(run.name, () => assertEquals(ours, theirs));
  }
});

const SLOT = 'compatible = "virtio,mmio"; reg = <0 1>; interrupts = <1>;';

/** By Documentation/devicetree/bindings/virtio/{mmio,virtio-device,pci-iommu}.yaml. */
const VIRTIO: Record<string, readonly string[]> = {
  [`v@0 { ${SLOT} };`]: [],
  [`v@0 { ${SLOT} dma-coherent; #iommu-cells = <1>; iommus = <1>; };`]: [],
  [`v@0 { ${SLOT} d { compatible = "virtio,device2"; }; };`]: [],
  [`v@0 { ${SLOT} d { compatible = "virtio,device22"; }; };`]: [],
  [`v@0 { compatible = "virtio,mmio"; interrupts-extended = <1>; reg = <0 1>; };`]: [],
  [`v@0 { compatible = "virtio,mmio"; reg = <0 1>; };`]: ["virtio_mmio"],
  [`v { compatible = "virtio,mmio"; interrupts = <1>; };`]: ["virtio_mmio"],
  [`v@0 { compatible = "virtio,mmio"; interrupts = <1>; reg = <0 1 2 3>; };`]: ["virtio_mmio"],
  [`v@0 { ${SLOT} #iommu-cells = <2>; };`]: ["virtio_mmio"],
  [`v@0 { ${SLOT} d { compatible = "virtio,device02"; }; };`]: ["virtio_device"],
  [`v@0 { ${SLOT} d { compatible = "virtio,deviceA"; }; };`]: ["virtio_device"],
  [`v@0 { ${SLOT} d { compatible = "virtio,device"; }; };`]: ["virtio_device"],
  [`v@0 { ${SLOT} d { }; };`]: ["virtio_device"],
  [`v@0 { ${SLOT} d { compatible = "virtio,device1"; }; e { compatible = "virtio,device2"; }; };`]:
    [
      "virtio_mmio",
    ],
  [
    `v@0 { ${SLOT} d { compatible = "virtio,device1"; };
      e { compatible = "virtio,device2"; status = "disabled"; }; };`
  ]: [],
  [`i@0 { compatible = "virtio,pci-iommu"; reg = <0 1>; #iommu-cells = <1>; };`]: [],
  [`i { compatible = "virtio,pci-iommu"; };`]: ["virtio_pci_iommu"],
  [`i@0 { compatible = "virtio,pci-iommu"; reg = <0 1>; #iommu-cells = <1>; iommus = <1>; };`]: [
    "virtio_pci_iommu",
  ],
};

Deno.test("virtio checks follow the bindings", () => {
  for (const [node, expected] of Object.entries(VIRTIO)) {
    const source = `/dts-v1/; / { #address-cells = <1>; #size-cells = <1>; ${node} };`;
    const lines = findings(treeOf("virtio.dts", source));
    const ours = unique(lines.flatMap((line) => /virtio_\w+/.exec(line)?.[0] ?? []));
    assertEquals(ours, [...expected], node);
  }
});

Deno.test("virtio checks find nothing in the tree of a real QEMU", async () => {
  const blob = await Deno.readFile(new URL("data/virt.dtb", import.meta.url));
  const found = findings(fromDeviceTree(unflattenDeviceTree(blob)));
  assertEquals(found.filter((line) => line.includes("virtio_")), []);
});
