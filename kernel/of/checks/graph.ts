/** Checks of graphs: ports and their endpoints, which refer to each other in pairs. */
import type { CompileNode } from "../compile_node.ts";
import { NAME } from "../known_names.ts";
import { ownAddressCells, ownSizeCells } from "./cells.ts";
import type { Check, CheckRun } from "./check.ts";
import { isPhandle } from "./values.ts";

const GRAPH_PORT = "graph-port";
const GRAPH_PORTS = "graph-ports";

function isEndpoint(node: CompileNode): boolean {
  return !node.deleted &&
    (node.baseName === "endpoint" || node.has(NAME["remote-endpoint"]));
}

/** Takes note of ports, which have endpoints, and of what holds ports. */
export const graphNodes: Check = {
  name: "graph_nodes",
  level: "warning",
  checkNode: (run, node) => {
    const endpoint = node.children.find(isEndpoint);
    if (endpoint === undefined) return;
    const { parent } = node;
    if (parent === undefined) {
      const misplaced = "potentially misplaced remote-endpoint property";
      run.fail(node, `root node contains endpoint node '${endpoint.name}', ${misplaced}`);
      return;
    }
    run.buses.set(node, GRAPH_PORT);
    if (run.buses.has(parent)) return;
    if (parent.name === "ports" || node.has(NAME.reg)) {
      run.buses.set(parent, GRAPH_PORTS);
    }
  },
};

/** A single child at address 0 needs no address. */
export const graphChildAddress: Check = {
  name: "graph_child_address",
  level: "warning",
  requires: [graphNodes],
  only: "1.6",
  buses: [GRAPH_PORTS, GRAPH_PORT],
  checkNode: (run, node) => {
    const children = node.children.filter(({ deleted }) => !deleted);
    if (children.length !== 1 || (children[0].cell(NAME.reg) ?? 0) !== 0) return;
    if (ownAddressCells(node) === undefined) return;
    const child = `single child node '${node.children[0].name}'`;
    const message = `graph node has ${child}, #address-cells/#size-cells are not necessary`;
    run.fail(node, message);
  },
};

/** dtc: check_graph_reg() */
function checkReg(run: CheckRun, node: CompileNode): void {
  const reg = node.property(NAME.reg);
  if (reg === undefined) return;
  const number = reg.onlyCell;
  if (number === undefined) return run.fail(node, "graph node malformed 'reg' property");
  const expected = number.toString(16);
  if (node.unitAddress !== expected) {
    run.fail(node, `graph node unit address error, expected "${expected}"`);
  }
  const { parent } = node;
  if (parent === undefined) return;
  checkParentCells(run, node, "#address-cells", ownAddressCells(parent), 1);
  checkParentCells(run, node, "#size-cells", ownSizeCells(parent), 0);
}

function checkParentCells(
  run: CheckRun,
  node: CompileNode,
  name: string,
  cells: number | undefined,
  expected: number,
): void {
  if (cells === expected) return;
  const message = `graph node '${name}' is ${cells ?? -1}, must be ${expected}`;
  // dtc names the node's own property, if it has one.
  const own = node.property(name);
  const span = node.parent?.property(name)?.place?.nameSpan;
  if (own === undefined) run.fail(node, message, { span });
  else run.failProperty(node, own, message, { span });
}

/** Ports are called `port`, and have their number for an address. */
export const graphPort: Check = {
  name: "graph_port",
  level: "warning",
  requires: [graphNodes],
  buses: [GRAPH_PORT],
  checkNode: (run, node) => {
    checkReg(run, node);
    if (skipsNames(run) || node.baseName === "port") return;
    run.fail(node, "graph port node name should be 'port'");
  },
};

/** Since 1.7: what an overlay adds to may have any name. */
function skipsNames(run: CheckRun): boolean {
  return run.tree.plugin && run.settings.version !== "1.6";
}

/** Endpoints are called `endpoint`, and their other end refers back to them. */
export const graphEndpoint: Check = {
  name: "graph_endpoint",
  level: "warning",
  requires: [graphNodes],
  onBus: GRAPH_PORT,
  checkNode: (run, node) => {
    checkReg(run, node);
    if (skipsNames(run)) return;
    if (node.baseName !== "endpoint") {
      run.fail(node, "graph endpoint node name should be 'endpoint'");
    }
    const remote = remoteEndpoint(run, node);
    if (remote === undefined || remoteEndpoint(run, remote) === node) return;
    run.fail(node, `graph connection to node '${remote.path}' is not bidirectional`, {
      span: node.property(NAME["remote-endpoint"])?.place?.nameSpan,
    });
  },
};

/** dtc: get_remote_endpoint() */
function remoteEndpoint(run: CheckRun, endpoint: CompileNode): CompileNode | undefined {
  const property = endpoint.property(NAME["remote-endpoint"]);
  const phandle = property?.onlyCell;
  if (property === undefined || phandle === undefined || !isPhandle(phandle)) return undefined;
  const remote = run.tree.byPhandle.get(phandle);
  if (remote === undefined) {
    run.failProperty(endpoint, property, "graph phandle is not valid");
  }
  return remote;
}
