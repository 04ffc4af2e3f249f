import type { Kernel } from "../kernel.ts";
import { MODULES } from "../module.ts";

const STATES = { live: "Live", coming: "Loading", going: "Unloading" } as const;

/** The text of `/proc/modules`, newest first. Linux: m_show() */
export function showModules(kernel: Kernel): string {
  kernel.access?.("module list", "", "read");
  return kernel.get(MODULES).loaded.map((module) => {
    const users = [...module.users].reverse().map((user) => `${user.name},`).join("");
    return `${module.name} ${module.image.size ?? 0} ${module.refcount} ${users || "-"} ` +
      `${STATES[module.state]} ${module.address}\n`;
  }).join("");
}
