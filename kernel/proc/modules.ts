import type { Kernel } from "../kernel.ts";
import { type ModuleObject, MODULES } from "../module.ts";

const STATES = { live: "Live", coming: "Loading", going: "Unloading" } as const;
/** Where modules of the reference machine start; each follows the one before. */
const MODULES_START = 0xffffb000_00000000n;

function address(kernel: Kernel, module: ModuleObject): string {
  let at = MODULES_START;
  for (const other of kernel.get(MODULES).loaded.reverse()) {
    if (other === module) break;
    at += BigInt(other.image.size ?? 0);
  }
  return `0x${at.toString(16).padStart(16, "0")}`;
}

/** The text of `/proc/modules`, newest first. Linux: m_show() */
export function showModules(kernel: Kernel): string {
  return kernel.get(MODULES).loaded.map((module) => {
    const users = [...module.users].reverse().map((user) => `${user.name},`).join("");
    return `${module.name} ${module.image.size ?? 0} ${module.refcount} ${users || "-"} ` +
      `${STATES[module.state]} ${address(kernel, module)}\n`;
  }).join("");
}
