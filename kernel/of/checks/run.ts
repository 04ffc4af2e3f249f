import type { CompileNode } from "../compile_node.ts";
import type { CompileProperty } from "../compile_property.ts";
import type { CompileTree } from "../compile_tree.ts";
import { NAME, nameBit } from "../known_names.ts";
import type { NodeName } from "../node_name.ts";
import type {
  Check,
  CheckRun,
  CheckSettings,
  Finding,
  FindingDetails,
  NodeCheck,
} from "./check.ts";
import type { CheckLevels } from "./levels.ts";

/** Settings of {@linkcode runChecks}. */
export interface RunChecksOptions extends CheckSettings {
  /** Which checks run, and what their findings are. */
  readonly levels: CheckLevels;
  /** Like dtc, run nothing after the first error, so that the tree stays as dtc leaves it. */
  readonly stopAtError: boolean;
}

/** What the checks have found. */
export interface CheckResult {
  /** In the order of the checks, and for each in the order of the tree. */
  readonly findings: readonly Finding[];
  /** Whether a check that finds errors has failed, itself or by what it requires. */
  readonly failed: boolean;
}

/**
 * Runs all checks that are not off, which also resolves what the tree refers to. A check whose
 * requirements fail does not run, and counts as failed. dtc: process_checks()
 */
export function runChecks(tree: CompileTree, options: RunChecksOptions): CheckResult {
  const runner = new Runner(tree, options);
  let failed = false;
  for (const check of options.levels.checks) {
    const { warning, error } = options.levels.of(check);
    if (!warning && !error || failed && options.stopAtError) continue;
    if (runner.run(check)) failed = true;
  }
  return { findings: runner.findings, failed };
}

class Runner implements CheckRun {
  readonly findings: Finding[] = [];
  readonly buses = new Map<CompileNode, string>();
  readonly #levels: CheckLevels;
  readonly #stopAtError: boolean;
  /** Checks that have run, and whether they passed. */
  readonly #passed = new Map<Check, boolean>();
  #current: Check | undefined = undefined;
  #nodeNames: readonly NodeName[] | undefined = undefined;

  constructor(readonly tree: CompileTree, readonly settings: RunChecksOptions) {
    this.#levels = settings.levels;
    this.#stopAtError = settings.stopAtError;
  }

  /** Runs a check, unless it has run, and what it requires. Says whether an error was found. */
  run(check: Check): boolean {
    if (this.#passed.has(check)) return this.#isError(check);
    let error = false;
    let passed = true;
    for (const required of check.requires ?? []) {
      if (!(error && this.#stopAtError) && this.run(required)) error = true;
      if (this.#passed.get(required) === true) continue;
      passed = false;
      this.#add(check, undefined, undefined, `failed prerequisite '${required.name}'`, {});
    }
    this.#passed.set(check, passed);
    if (passed) this.#apply(check);
    return this.#isError(check) || error;
  }

  #isError(check: Check): boolean {
    return this.#passed.get(check) === false && this.#levels.of(check).error;
  }

  #apply(check: Check): void {
    this.#current = check;
    if ("checkTree" in check) check.checkTree(this);
    else if ("checkNode" in check) this.#applyToNodes(check, this.#nodesOf(check));
    else {
      for (const name of namesOf(check.on, this.tree)) {
        this.tree.eachNamed(name, (node, property) => check.checkProperty(this, node, property));
      }
    }
  }

  /** By index: no engine makes good code of an iterator in a loop that calls ever other functions. */
  #applyToNodes(check: NodeCheck, nodes: readonly CompileNode[]): void {
    for (let at = 0; at < nodes.length; at++) {
      if (!nodes[at].deleted) check.checkNode(this, nodes[at]);
    }
  }

  #nodesOf({ named, having, buses, onBus }: NodeCheck): readonly CompileNode[] {
    let { nodes } = this.tree;
    if (named !== undefined) {
      this.#nodeNames ??= this.tree.root.table.nodeNames;
      const names = new Set(this.#nodeNames.filter(named));
      nodes = names.size === 0 ? [] : nodes.filter(({ nodeName }) => names.has(nodeName));
    }
    if (having !== undefined) {
      const bits = having.reduce((bits, name) => bits | nameBit(NAME[name]), 0);
      const { table } = this.tree.root;
      nodes = nodes.filter(({ row }) => table.mayHave(row, bits));
    }
    if (buses !== undefined) {
      nodes = this.#hasBus(buses) ? nodes.filter((node) => this.#isBus(node, buses)) : [];
    }
    if (onBus !== undefined) {
      const kinds = [onBus];
      nodes = this.#hasBus(kinds) ? nodes.filter(({ parent }) => this.#isBus(parent, kinds)) : [];
    }
    return nodes;
  }

  #hasBus(kinds: readonly string[]): boolean {
    return this.buses.values().some((kind) => kinds.includes(kind));
  }

  #isBus(node: CompileNode | undefined, kinds: readonly string[]): boolean {
    const kind = node && this.buses.get(node);
    return kind !== undefined && kinds.includes(kind);
  }

  fail(node: CompileNode, message: string, details: FindingDetails = {}): void {
    this.#fail(node, undefined, message, details);
  }

  failProperty(
    node: CompileNode,
    property: CompileProperty,
    message: string,
    details: FindingDetails = {},
  ): void {
    this.#fail(node, property.copy(), message, details);
  }

  #fail(
    node: CompileNode,
    property: CompileProperty | undefined,
    message: string,
    details: FindingDetails,
  ): void {
    const check = this.#current!;
    if (this.settings.allows?.(check, node, property)) return;
    this.#passed.set(check, false);
    this.#add(check, node, property, message, details);
  }

  #add(
    check: Check,
    node: CompileNode | undefined,
    property: CompileProperty | undefined,
    message: string,
    details: FindingDetails,
  ): void {
    const { warning, error } = this.#levels.of(check);
    if (!warning && !error) return;
    const severity = error ? "error" : "warning";
    this.findings.push({ check, severity, node, property, message, details });
  }
}

function namesOf(
  on: readonly string[] | ((name: string) => boolean),
  tree: CompileTree,
): readonly string[] {
  return typeof on === "function" ? tree.propertyNames.filter(on) : on;
}
