/**
 * How registers and configuration fields are described, so that one table serves dispatch checks,
 * traces, documentation and fuzzing.
 *
 * @module
 */

/** What a driver may do with a register: read it, write it, or both. */
export type RegisterDirection = "R" | "W" | "RW";

/** One memory-mapped register of a device. */
export interface Register {
  /** Distance from the start of the device's region, in bytes. */
  readonly offset: number;
  /** Name of the constant that holds the offset, as Linux spells it. */
  readonly name: string;
  /** Name in the device's specification. */
  readonly specName: string;
  /** What a driver may do with it. */
  readonly direction: RegisterDirection;
  /** Size of an access in bytes. */
  readonly width: 1 | 2 | 4;
}

/** One field of a device's configuration space; multi-byte fields are little-endian since VIRTIO 1.0. */
export interface ConfigField {
  /** Distance from the start of the configuration space, in bytes. */
  readonly offset: number;
  /** Size of one element in bytes. */
  readonly width: 1 | 2 | 4 | 8;
  /** Name in the specification's structure; a dot leads into an inner structure. */
  readonly name: string;
  /** Whether a driver may also write the field. */
  readonly access: "R" | "RW";
  /** Feature bit without which the field means nothing; absent for fields that always count. */
  readonly feature?: number;
  /** Number of elements for an array; 1 when absent. */
  readonly count?: number;
}

/** Returns the field's size in bytes, all elements together. */
export function configFieldSize(field: ConfigField): number {
  return field.width * (field.count ?? 1);
}

/** Returns the field that contains the byte at `offset`, or `undefined` for a hole or the end. */
export function findConfigField(
  fields: readonly ConfigField[],
  offset: number,
): ConfigField | undefined {
  return fields.find((field) =>
    field.offset <= offset && offset < field.offset + configFieldSize(field)
  );
}
