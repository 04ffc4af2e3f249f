/**
 * Notes that the tools put into a module, as `/sys/module/NAME/notes` shows them.
 *
 * Linux: add_notes_attrs() in kernel/module/sysfs.c
 *
 * @module
 */
import type { Attribute, AttributeGroup } from "./kobject.ts";
import { UTS_RELEASE } from "./uts.ts";

const NT_GNU_BUILD_ID = 3;
const NT_GNU_PROPERTY_TYPE_0 = 5;
const LINUX_ELFNOTE_BUILD_SALT = 0x100;
const LINUX_ELFNOTE_LTO_INFO = 0x101;
const GNU_PROPERTY_AARCH64_FEATURE_1_AND = 0xc000_0000;
const GNU_PROPERTY_AARCH64_FEATURE_1_PAC = 2;
/** Bytes of a build id; what is in it tells builds apart, and there is only one here. */
const BUILD_ID_SIZE = 20;

const encoder = new TextEncoder();

function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setUint32(4 * i, value, true));
  return bytes;
}

/** One ELF note: sizes, type, and the owner's name and the content, both filled up to whole words. */
function note(owner: string, type: number, content: Uint8Array): Uint8Array {
  const name = encoder.encode(`${owner}\0`);
  const nameEnd = 12 + Math.ceil(name.length / 4) * 4;
  const bytes = new Uint8Array(nameEnd + Math.ceil(content.length / 4) * 4);
  bytes.set(words(name.length, content.length, type));
  bytes.set(name, 12);
  bytes.set(content, nameEnd);
  return bytes;
}

function attribute(name: string, notes: readonly Uint8Array[]): Attribute<never> {
  const bytes = new Uint8Array(notes.reduce((sum, { length }) => sum + length, 0));
  notes.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
  return { name, mode: 0o444, size: bytes.length, showBytes: () => bytes };
}

/** The folder `notes` of every module. */
export const NOTES_GROUP: AttributeGroup<never> = {
  name: "notes",
  attrs: [
    attribute(".note.Linux", [
      note("Linux", LINUX_ELFNOTE_LTO_INFO, words(0)),
      note("Linux", LINUX_ELFNOTE_BUILD_SALT, encoder.encode(`${UTS_RELEASE}\0`)),
    ]),
    attribute(".note.gnu.build-id", [note("GNU", NT_GNU_BUILD_ID, new Uint8Array(BUILD_ID_SIZE))]),
    attribute(".note.gnu.property", [
      note(
        "GNU",
        NT_GNU_PROPERTY_TYPE_0,
        words(GNU_PROPERTY_AARCH64_FEATURE_1_AND, 4, GNU_PROPERTY_AARCH64_FEATURE_1_PAC, 0),
      ),
    ]),
  ],
};
