/**
 * The table of the Rio Karma music player. Debian's kernel looks for it on every disk.
 *
 * Linux: block/partitions/karma.c
 *
 * @module
 */
import { type PartitionState, putPartition } from "./state.ts";

const MAGIC_OFFSET = 510;
const MAGIC = 0xab56;
const TABLE_OFFSET = 270;
const ENTRY_SIZE = 16;
const ENTRIES = 2;
/** The only type of partition. */
const FILE_SYSTEM = 0x4d;

/** Linux: karma_partition() */
export async function karmaPartition(state: PartitionState): Promise<boolean | undefined> {
  const data = await state.readSector(0);
  if (data === undefined) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (view.getUint16(MAGIC_OFFSET, true) !== MAGIC) return false;
  for (let i = 0; i < ENTRIES; i++) {
    const at = TABLE_OFFSET + i * ENTRY_SIZE;
    const size = view.getUint32(at + 12, true);
    if (data[at + 4] !== FILE_SYSTEM || size === 0) continue;
    putPartition(state, i + 1, { from: view.getUint32(at + 8, true), size });
  }
  state.text += "\n";
  return true;
}
