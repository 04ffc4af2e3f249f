import type { CompileNode } from "../compile_node.ts";
import type { CompileProperty } from "../compile_property.ts";
import type { CompileTree } from "../compile_tree.ts";
import type { DiagnosticDetails } from "../dts/diagnostic.ts";
import type { Span } from "../dts/source.ts";
import type { KnownName } from "../known_names.ts";
import type { NodeName } from "../node_name.ts";

/** Which dtc is meant where they differ: 1.6.1, or 1.7 and later. */
export type DtcVersion = "1.6" | "1.8";

/** Which properties hold a node's phandle. dtc: phandle_format */
export type PhandleFormat = "legacy" | "epapr" | "both";

/** What checks have to know beside the tree. */
export interface CheckSettings {
  /** Whether labels stay in the blob, so that labelled nodes are needed. */
  readonly symbols: boolean;
  /** Which properties new phandles get. */
  readonly phandleFormat: PhandleFormat;
  /** Which dtc decides. */
  readonly version: DtcVersion;
  /** Says whether the source allows what a check has found. Default: it allows nothing. */
  readonly allows?: (
    check: Check,
    node: CompileNode,
    property: CompileProperty | undefined,
  ) => boolean;
}

/** What else there is to say about a finding. */
export interface FindingDetails extends DiagnosticDetails {
  /** A place inside the node or property that is to be shown instead of its name. */
  readonly span?: Span;
}

/** Something that a check has found. */
export interface Finding {
  /** The check. */
  readonly check: Check;
  /** Errors keep the tree from being written. */
  readonly severity: "error" | "warning";
  /** The node; `undefined` if the finding is about the check itself. */
  readonly node: CompileNode | undefined;
  /** The node's property; `undefined` if it is about the node. */
  readonly property: CompileProperty | undefined;
  /** What is wrong, in one line, without the path. */
  readonly message: string;
  /** What else there is to say. */
  readonly details: FindingDetails;
}

/** What a check works with. */
export interface CheckRun {
  /** The tree. */
  readonly tree: CompileTree;
  /** What checks have to know beside the tree. */
  readonly settings: CheckSettings;
  /** What bus a node is, as far as checks of bridges have found out. dtc: node->bus */
  readonly buses: Map<CompileNode, string>;
  /** Says that something about a node is wrong. dtc: FAIL() */
  fail(node: CompileNode, message: string, details?: FindingDetails): void;
  /** Says that something about a node's property is wrong. dtc: FAIL_PROP() */
  failProperty(
    node: CompileNode,
    property: CompileProperty,
    message: string,
    details?: FindingDetails,
  ): void;
}

interface CheckBase {
  /** dtc's name of it. */
  readonly name: string;
  /** What its findings are, unless `-W` and `-E` say otherwise. */
  readonly level: "error" | "warning" | "off";
  /** Checks that must pass before it can run. */
  readonly requires?: readonly Check[];
  /** The only dtc that has it. Default: all. */
  readonly only?: DtcVersion;
}

/** A check that looks at the tree as a whole. */
export interface TreeCheck extends CheckBase {
  /** Looks at the tree. */
  readonly checkTree: (run: CheckRun) => void;
}

/** A check that looks at every node, or at some only, which is much faster. */
export interface NodeCheck extends CheckBase {
  /** Whether nodes of a name are looked at; asked once for each name. Default: all are. */
  readonly named?: (name: NodeName) => boolean;
  /** Only nodes that have one of these properties, or had it, are looked at. Default: all are. */
  readonly having?: readonly KnownName[];
  /** Only buses of these kinds are looked at. Default: all nodes are. */
  readonly buses?: readonly string[];
  /** Only what is on a bus of this kind is looked at. Default: everything is. */
  readonly onBus?: string;
  /** Looks at a node that is not deleted; parents come before children. */
  readonly checkNode: (run: CheckRun, node: CompileNode) => void;
}

/** A check that looks at properties of some names only, which is much faster than to look at every node. */
export interface PropertyCheck extends CheckBase {
  /** Names of properties, or whether a name is one. */
  readonly on: readonly string[] | ((name: string) => boolean);
  /** Looks at a property that is not deleted, nor the second of its name. */
  readonly checkProperty: (run: CheckRun, node: CompileNode, property: CompileProperty) => void;
}

/** A named check. Each is a row of the table in `table.ts`. dtc: struct check */
export type Check = TreeCheck | NodeCheck | PropertyCheck;
