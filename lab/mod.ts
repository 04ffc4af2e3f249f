/**
 * The ordering lab: a scenario in every order that could make a difference.
 *
 * A {@linkcode Scenario} is anything that runs from beginning to end and asks where it could go another way:
 * {@linkcode bootScenario} boots a kernel on a machine, {@linkcode coreScenario} runs made-up drivers and devices on
 * the driver core, {@linkcode modelScenario} small tasks on shared objects. {@linkcode explore} runs it in one order of each class of orders that cannot end differently, and says
 * which ends there are, how many orders lead to each, the smallest change from the default that does, and why.
 * {@linkcode assertOrderInvariant} and {@linkcode assertBindsInAllOrders} do so in tests.
 * {@linkcode replay} makes one of these runs again, {@linkcode shrink} makes a failing run small.
 *
 * @example Does it matter in which order two disks are found?
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bootScenario, embeddedModel, explore, replay } from "../mod.ts";
 *
 * const disk = (id: string) => `-drive if=none,id=${id},file=${id} -device virtio-blk-device,drive=${id}`;
 * const images = { a: new Uint8Array(1 << 20), b: new Uint8Array(2 << 20) };
 * const machine = embeddedModel(`${disk("a")} ${disk("b")}`, { images, slots: 2 });
 * const question = { vary: ["slots=a000000.virtio_mmio,a000200.virtio_mmio"], views: ["names"] };
 * const { coverage, outcomes } = await explore(bootScenario(machine), question);
 * assertEquals([coverage.kind, outcomes.length], ["exhaustive", 2]);
 *
 * const [usual, swapped] = outcomes;
 * assertEquals(usual.views.names.includes("a000000.virtio_mmio: vda virtio0"), true);
 * assertEquals(swapped.views.names.includes("a000000.virtio_mmio: vdb virtio1"), true);
 * assertEquals(swapped.change, ["a000200.virtio_mmio before a000000.virtio_mmio"]);
 * const { log } = await replay(bootScenario(machine), swapped.replayId, question);
 * console.log(swapped.staleRead, log);
 * ```
 *
 * @module
 */
export {
  explore,
  type ExploreOptions,
  mergeResults,
  type OrderQuestion,
  replay,
  type Replayed,
  type ResultFile,
  type Sample,
  type Workers,
} from "./order.ts";
export { type OrderOutcome, OrderResult, type StepMoves } from "./result.ts";
export {
  assertBindsInAllOrders,
  assertOrderInvariant,
  type AssertOrderOptions,
  OrderDependenceError,
} from "./assert_order.ts";
export { deviceGraph } from "./device_graph.ts";
export { VARY_WORDS, VaryError, type VaryWord } from "./vary.ts";

// Scenarios
export {
  type BootScenario,
  bootScenario,
  type BootScenarioOptions,
  DEFAULT_VIEWS,
  type MachineModel,
} from "./boot_scenario.ts";
export { type BenchDriver, CoreBench } from "./core_bench.ts";
export {
  type BenchInitcall,
  type BenchStep,
  coreScenario,
  type CoreScenarioOptions,
} from "./core_scenario.ts";
export { type BootNotes, type View, VIEWS } from "./views.ts";
export { Steered } from "./steered.ts";
export {
  type Outcome,
  type Scenario,
  type Steering,
  type Varied,
  ViewError,
} from "./explore/scenario.ts";
export { modelScenario, type ModelTask, Shared, type TaskModel } from "./explore/tasks.ts";

// What is found
export type { AccessRecord } from "./explore/access.ts";
export type { BranchRecord } from "./explore/branches.ts";
export type { Coverage, Exploration } from "./explore/collect_outcomes.ts";
export { PartExplorer } from "./explore/helpers.ts";
export type {
  Done,
  Ended,
  Helper,
  PartOptions,
  Progress,
  Shard,
  WorkOptions,
} from "./explore/work.ts";
export type { OutcomeGroup, ViewGroups, Witness } from "./explore/collect.ts";
export { type Conflict, type Neighbour, WitnessError } from "./explore/explain.ts";
export { ReplayIdError } from "./explore/replay_id.ts";
export { ResultFileError } from "./explore/result_file.ts";
export type { Scheduled } from "./explore/schedule.ts";
export { NondeterminismError } from "./explore/search.ts";
export { shrink, type Shrunk } from "./explore/shrink.ts";

// Logs of starts
export { type BootLog, type BootSpan, type BootSpanKind, readBootLog } from "./boot_log.ts";
export {
  type BootLogDiff,
  type ChangedResult,
  diffBootLogs,
  type MovedCall,
} from "./boot_log_diff.ts";
export { diffLines } from "./boot_text.ts";
