/**
 * Sections of modules, as `/sys/module/NAME/sections` shows them: names of the reference kernel's build. What
 * the files contain is where the module lies, for there are no addresses of sections here.
 *
 * Linux: add_sect_attrs() in kernel/module/sysfs.c
 *
 * @module
 */
import type { AttributeGroup } from "./kobject.ts";
import type { ModuleObject } from "./module.ts";

/** Sections that every module has. */
const COMMON =
  ".altinstructions .data .exit.data .exit.text .gnu.linkonce.this_module .init.data " +
  ".init.plt .init.text .note.Linux .note.gnu.build-id .note.gnu.property .plt .rodata .rodata.str " +
  ".rodata.str1.8 .strtab .symtab .text .text.ftrace_trampoline __bug_table " +
  "__patchable_function_entries";

/** What a module's sections have beside those, and with a minus those that it lacks. */
const DIFFERENT: Readonly<Record<string, string>> = {
  evdev: "__ex_table __jump_table -.rodata.str -__bug_table",
  failover: ".bss .data.once .text.unlikely __kcrctab_gpl __ksymtab_gpl __ksymtab_strings -.rodata",
  net_failover: "__kcrctab_gpl __ksymtab_gpl __ksymtab_strings",
  virtio_balloon: "__jump_table",
  virtio_blk: ".bss .data.once .text.unlikely __jump_table __param",
  virtio_console: ".bss __dyndbg __jump_table",
  virtio_input: "__jump_table",
  virtio_net: ".bss .data.once __dyndbg __jump_table __param",
  virtio_rng: "-.altinstructions",
};

function sectionNames(module: string): Iterable<string> {
  const names = new Set(COMMON.split(" "));
  for (const name of DIFFERENT[module]?.split(" ") ?? []) {
    if (name.startsWith("-")) names.delete(name.slice(1));
    else names.add(name);
  }
  return names;
}

/** The folder `sections` of a loaded module. */
export function sectionsGroup(module: string): AttributeGroup<ModuleObject> {
  const attrs = [...sectionNames(module)].map((name) => ({
    name,
    mode: 0o400,
    /** An address and a line feed. */
    size: 19,
    show: (owner: ModuleObject) => `${owner.address}\n`,
  }));
  return { name: "sections", attrs };
}
