/** Scenarios for workers: what `explore_workers_test.ts` explores. */
import { bootScenario, embeddedModel, modelScenario, type Scenario } from "../mod.ts";
import { virtioModel } from "../lab/explore/driver_model.ts";

const SCENARIOS: Readonly<Record<string, () => Scenario>> = {
  model: () => modelScenario(virtioModel(["blk", "net", "console"])),
  boot: () =>
    bootScenario(embeddedModel("-device virtio-rng-device", { slots: 1 }), {
      only: ["virtio_init", "virtio_mmio_init", "virtio_rng_driver_init"],
    }),
};

/** The scenario of a name. */
export function scenario(name: string): Scenario {
  return SCENARIOS[name]();
}
