import type { CheckSettings, DtcVersion, Finding, PhandleFormat } from "../checks/check.ts";
import type { CheckLevels } from "../checks/levels.ts";
import { runChecks } from "../checks/run.ts";
import type { CompileTree } from "../compile_tree.ts";
import { Allowances } from "./allow.ts";
import { Diagnostic } from "./diagnostic.ts";
import { addFixups, addLabels, sortTree } from "./resolve.ts";
import { retainLabels, retainReferences } from "./retain.ts";
import type { SourceMap, Span } from "./source.ts";

/** Settings of {@linkcode resolveTree}. */
export interface ResolveOptions {
  /** Which checks run, and what their findings are. */
  levels: CheckLevels;
  /** Which dtc decides where they differ. Default: `1.6`. */
  version?: DtcVersion;
  /** Which properties new phandles get. Default: `epapr`. */
  phandleFormat?: PhandleFormat;
  /** Whether checks that could not run are reported too. Default: false. */
  prerequisites?: boolean;
  /** Go on with a tree that has errors, which is left as dtc leaves it. Default: false. */
  force?: boolean;
  /** Whether labels become `/aliases`. Default: false. */
  aliases?: boolean;
  /** Whether labels become `/__symbols__`. Default: false. */
  symbols?: boolean;
  /** Whether references are noted as in an overlay, even if the tree is none. Default: false. */
  fixups?: boolean;
  /** Whether nodes, properties and reservations are put in order. Default: false. */
  sort?: boolean;
}

/** Where a tree comes from, for diagnostics. */
export interface Origin {
  /** Name of the input. */
  readonly file: string;
  /** The source text, `undefined` if there is none. */
  readonly sources: SourceMap | undefined;
}

/**
 * Checks a tree, fills in what it refers to, and adds what an output needs, in the order of dtc. Hands out
 * what is wrong, and says whether the tree may be written. dtc: main()
 *
 * @throws {ResolveError} If the tree refers to something that an overlay cannot refer to.
 */
export function resolveTree(
  tree: CompileTree,
  origin: Origin,
  options: ResolveOptions,
  report: (diagnostic: Diagnostic) => void,
): boolean {
  const { levels, version = "1.6", phandleFormat = "epapr", force = false } = options;
  const allowances = origin.sources && new Allowances(origin.sources);
  const settings: CheckSettings = {
    ...{ symbols: options.symbols ?? false, phandleFormat, version },
    allows: allowances && ((...finding) => allowances.covers(...finding)),
  };
  const { findings, failed } = runChecks(tree, { ...settings, levels, stopAtError: force });
  for (const finding of findings) {
    if (finding.node === undefined && !options.prerequisites) continue;
    report(findingDiagnostic(finding, origin));
  }
  if (failed && !force) return false;
  const warn = (message: string) => {
    const { file } = origin;
    report(new Diagnostic("warning", "DTS0402", message, undefined, undefined, { file }));
  };
  const exists = (name: string) => (label: string) =>
    warn(`label ${label} already exists in /${name}`);
  if (options.aliases) addLabels(tree, "aliases").forEach(exists("aliases"));
  if (version === "1.8") retainLabels(tree, warn);
  if (options.symbols) {
    addLabels(tree, "__symbols__", phandleFormat).forEach(exists("__symbols__"));
  }
  if (version === "1.8") retainReferences(tree, warn);
  if (tree.plugin || options.fixups) {
    for (const name of addFixups(tree, version)) {
      warn(`what stands in /${name} is malformed; some references could not be added`);
    }
  }
  if (options.sort) sortTree(tree);
  return true;
}

/** Code of the diagnostic that a check could not run, because one that it requires has failed. */
export const PREREQUISITE_FAILED = "DTS0401";

/** A finding as a diagnostic that names the path and shows the source, if there is any. */
export function findingDiagnostic(finding: Finding, origin: Origin): Diagnostic {
  const { check, severity, node, property, message, details } = finding;
  const subject = node && (property === undefined ? node.path : `${node.path}:${property.name}`);
  return new Diagnostic(
    severity,
    node === undefined ? PREREQUISITE_FAILED : "DTS0400",
    subject === undefined ? message : `${subject}: ${message}`,
    origin.sources,
    details.span ?? placeOf(finding),
    { ...details, check: check.name, file: origin.file },
  );
}

function placeOf({ node, property }: Finding): Span | undefined {
  return property?.place?.nameSpan ?? node?.places[0]?.nameSpan;
}
