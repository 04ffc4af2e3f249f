/**
 * What a file system would know about writing to a disk: `/sys/class/bdi`.
 *
 * Linux: mm/backing-dev.c
 *
 * @module
 */
import { type Class, Device } from "../base/device.ts";
import { KernelError } from "../errors.ts";
import type { Attribute, AttributeGroup } from "../kobject.ts";
import { PAGE_SIZE } from "../mem.ts";
import type { QueueLimits } from "./limits.ts";
import { parseVar } from "./parse_var.ts";

const KIB_OF_PAGE = PAGE_SIZE / 1024;

function ratio(name: "min_ratio" | "max_ratio"): Attribute<BackingDev> {
  return {
    name,
    mode: 0o644,
    show: (bdi) => `${bdi.ratios[name]}\n`,
    store: (bdi, value) => {
      const percent = parseVar(value, name);
      const wrong = name === "min_ratio" ? percent > bdi.ratios.max_ratio : percent > 100;
      if (wrong) throw new KernelError("EINVAL", `${bdi.name}: ${name} cannot be ${percent}`);
      bdi.ratios[name] = percent;
    },
  };
}

const BDI_GROUP: AttributeGroup<BackingDev> = {
  attrs: [
    {
      name: "read_ahead_kb",
      mode: 0o644,
      show: (bdi) => `${bdi.limits.readAheadPages * KIB_OF_PAGE}\n`,
      store: (bdi, value) => {
        bdi.limits.readAheadPages = Math.floor(parseVar(value, "read_ahead_kb") / KIB_OF_PAGE);
      },
    },
    ratio("min_ratio"),
    ratio("max_ratio"),
    { name: "stable_pages_required", mode: 0o444, show: () => "0\n" },
  ],
};

/** Linux: bdi_class */
export const BDI_CLASS: Class = { name: "bdi", devGroups: [BDI_GROUP as AttributeGroup<never>] };

/** Linux: struct backing_dev_info */
export class BackingDev extends Device {
  readonly ratios = { min_ratio: 0, max_ratio: 100 };

  constructor(kernel: Device["kernel"], name: string, readonly limits: QueueLimits) {
    super(kernel, name);
    this.cls = BDI_CLASS;
  }
}
