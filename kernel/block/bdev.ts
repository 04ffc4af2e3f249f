/**
 * A disk or partition as something to read and write.
 *
 * Nothing is cached here: a read asks the device, a write is with the device when it returns. Files in
 * `/dev` go through pages instead: `filemap.ts`.
 *
 * Linux: block/bdev.c, block/blk-lib.c, block/blk-flush.c
 *
 * @module
 */
import { Device } from "../base/device.ts";
import { KernelError } from "../errors.ts";
import type { Memory } from "../mem.ts";
import { Completion } from "../wait.ts";
import { Bio } from "./bio.ts";
import type { Gendisk } from "./gendisk.ts";
import { SECTOR_SHIFT, SECTOR_SIZE } from "./limits.ts";
import { AddressSpace } from "./page_cache.ts";
import { DiskStats } from "./stats.ts";
import {
  BLK_STS_NOTSUPP,
  BLK_STS_OK,
  type BlkStatus,
  blkStatusText,
  REQ_NOUNMAP,
  REQ_OP_DISCARD,
  REQ_OP_DRV_IN,
  REQ_OP_FLUSH,
  REQ_OP_READ,
  REQ_OP_SECURE_ERASE,
  REQ_OP_WRITE,
  REQ_OP_WRITE_ZEROES,
  REQ_PREFLUSH,
  REQ_SYNC,
} from "./status.ts";

/** Bytes that one request of a script moves at most; more is cut. */
const CHUNK_SECTORS = 2048;

/** What one I/O is, for messages. */
interface Job {
  readonly op: number;
  readonly sector: number;
  readonly sectors: number;
  readonly flags?: number;
  readonly memory?: Memory;
}

const VERBS: Readonly<Record<number, string>> = {
  [REQ_OP_READ]: "reading",
  [REQ_OP_WRITE]: "writing",
  [REQ_OP_FLUSH]: "flushing",
  [REQ_OP_DISCARD]: "discarding",
  [REQ_OP_SECURE_ERASE]: "erasing",
  [REQ_OP_WRITE_ZEROES]: "zeroing",
};

/** Linux: submit_bio_wait_endio() */
function submitWaitEnd({ priv }: Bio): undefined {
  (priv as Completion).complete();
}

/** A disk, or a part of one. Linux: struct block_device */
export class BlockDevice extends Device {
  /** First sector on the disk. */
  startSector = 0;
  /** Size in sectors. Linux: bd_nr_sectors */
  nrSectors = 0;
  /** Somebody made it read-only. Linux: bd_read_only */
  readOnlySet = false;
  /** The log says that something was written all the same. Linux: bd_ro_warned */
  readOnlyWarned = false;
  /** Number of open files, and of partitions that are open. Linux: bd_openers */
  openers = 0;
  /** Name of the partition in its table, where tables have names. */
  volumeName = "";
  /** What happened on it so far. */
  readonly stats: DiskStats = new DiskStats();
  /** What its files in `/dev` hold in memory. Linux: bd_inode->i_mapping */
  readonly mapping: AddressSpace;

  /** Made by the block layer when a disk or partition appears. */
  constructor(
    /** The disk that it is, or is a part of. */
    readonly disk: Gendisk,
    /** Number of the partition; 0 is the disk itself. */
    readonly partno: number,
    name: string,
  ) {
    super(disk.kernel, name);
    this.mapping = new AddressSpace(this);
  }

  /** True for a partition. */
  get isPartition(): boolean {
    return this.partno !== 0;
  }

  /** Nothing may be written. Linux: bdev_read_only() */
  get readOnly(): boolean {
    return this.readOnlySet || this.disk.readOnly || this.disk.part0.readOnlySet;
  }

  /** Size in bytes. */
  get size(): number {
    return this.nrSectors * SECTOR_SIZE;
  }

  /** Linux: blk_account_io_start() */
  accountStart(op: number, nowNs: number): undefined {
    this.stats.start(op, nowNs);
    if (this.partno !== 0) this.disk.part0.stats.start(op, nowNs);
  }

  /** Linux: blk_account_io_done() */
  accountDone(op: number, sectors: number, startNs: number, nowNs: number): undefined {
    this.stats.done(op, sectors, startNs, nowNs);
    if (this.partno !== 0) this.disk.part0.stats.done(op, sectors, startNs, nowNs);
  }

  /** An I/O became part of a request. Linux: blk_account_io_merge_bio() */
  accountMerge(op: number): undefined {
    this.stats.merged(op);
    if (this.partno !== 0) this.disk.part0.stats.merged(op);
  }

  /** Submits an I/O without waiting; `bio.endIo` is called in the end. Linux: submit_bio() */
  submit(bio: Bio): undefined {
    this.disk.queue.submit(bio);
  }

  /**
   * Reads sectors.
   *
   * @param sector The first one.
   * @param count How many. Default: 1.
   * @param flags `REQ_*` flags, which log lines show. Default: none.
   * @throws {KernelError} `EINVAL` past the end, `EIO` and others when the device fails.
   * @example
   * ```ts ignore
   * const table = await vda.read(0);
   * ```
   */
  async read(sector: number, count = 1, flags = 0): Promise<Uint8Array> {
    this.#check(sector, count, "reading");
    if (count <= CHUNK_SECTORS) return await this.#readChunk(sector, count, flags);
    const data = new Uint8Array(count * SECTOR_SIZE);
    for (let done = 0; done < count; done += CHUNK_SECTORS) {
      const sectors = Math.min(count - done, CHUNK_SECTORS);
      data.set(await this.#readChunk(sector + done, sectors, flags), done * SECTOR_SIZE);
    }
    return data;
  }

  async #readChunk(sector: number, sectors: number, flags: number): Promise<Uint8Array> {
    const memory = this.disk.takeMemory(sectors * SECTOR_SIZE);
    try {
      await this.#do({ op: REQ_OP_READ, sector, sectors, memory, flags });
      const { offset } = memory;
      return this.kernel.mem.bytes.slice(offset, offset + sectors * SECTOR_SIZE);
    } finally {
      this.disk.putMemory(memory);
    }
  }

  /**
   * Writes whole sectors.
   *
   * @param flags `REQ_*` flags, which log lines show. Default: somebody waits.
   * @throws {KernelError} `EPERM` when it is read-only, `ENOSPC` past the end, `EINVAL` for less than a
   *   block, `EIO` and others when the device fails.
   */
  async write(sector: number, data: Uint8Array, flags = REQ_SYNC): Promise<undefined> {
    const count = data.length / SECTOR_SIZE;
    this.#checkWritable("writing");
    this.#check(sector, count, "writing", "ENOSPC");
    for (let done = 0; done < count; done += CHUNK_SECTORS) {
      const sectors = Math.min(count - done, CHUNK_SECTORS);
      const piece = data.subarray(done * SECTOR_SIZE, (done + sectors) * SECTOR_SIZE);
      const memory = this.disk.takeMemory(piece.length);
      try {
        this.kernel.mem.bytes.set(piece, memory.offset);
        const job = { op: REQ_OP_WRITE, sectors, memory, flags };
        await this.#do({ ...job, sector: sector + done });
      } finally {
        this.disk.putMemory(memory);
      }
    }
  }

  /**
   * Makes sure that what was written is stored; nothing to do without a cache.
   *
   * Linux: blkdev_issue_flush()
   */
  async flush(): Promise<undefined> {
    await this.#do({ op: REQ_OP_FLUSH, sector: 0, sectors: 0, flags: REQ_PREFLUSH });
  }

  /** Gives sectors up: what they hold then is undefined. Linux: blkdev_issue_discard() */
  async discard(sector: number, count: number): Promise<undefined> {
    await this.#doRange(REQ_OP_DISCARD, sector, count);
  }

  /** Erases sectors and all their copies. Linux: blkdev_issue_secure_erase() */
  async secureErase(sector: number, count: number): Promise<undefined> {
    await this.#doRange(REQ_OP_SECURE_ERASE, sector, count);
  }

  /**
   * Makes sectors zero, by writing where the device has no command for it.
   *
   * Linux: blkdev_issue_zeroout()
   *
   * @param keep Leaves the space allocated.
   */
  async writeZeroes(sector: number, count: number, keep = false): Promise<undefined> {
    if (this.disk.queue.limits.maxWriteZeroesSectors > 0) {
      await this.#doRange(REQ_OP_WRITE_ZEROES, sector, count, keep ? REQ_NOUNMAP : 0);
    } else await this.write(sector, new Uint8Array(count * SECTOR_SIZE));
  }

  /**
   * Runs a command of the driver's own that fills `memory`.
   *
   * Linux: blk_execute_rq()
   */
  async execute(command: number, memory: Memory, length: number): Promise<BlkStatus> {
    const bio = new Bio(this, () => undefined);
    bio.op = REQ_OP_DRV_IN;
    bio.command = command;
    bio.segments = [memory.address, length];
    return await this.submitWait(bio, `command ${command}`);
  }

  /** Submits an I/O and sleeps until it has ended. Linux: submit_bio_wait() */
  async submitWait(bio: Bio, what: string): Promise<BlkStatus> {
    const done = new Completion(this.kernel.sched, `${this.name}: ${what}`);
    bio.priv = done;
    bio.endIo = submitWaitEnd;
    this.submit(bio);
    await done.wait();
    return bio.status;
  }

  async #doRange(op: number, sector: number, count: number, flags = 0): Promise<undefined> {
    const what = VERBS[op];
    this.#checkWritable(what);
    this.#check(sector, count, what);
    await this.#do({ op, sector, sectors: count, flags });
  }

  async #do(job: Job): Promise<undefined> {
    const bio = new Bio(this, () => undefined);
    bio.op = job.op;
    bio.flags = job.flags ?? 0;
    bio.sector = job.sector;
    bio.sectors = job.sectors;
    if (job.memory !== undefined) bio.segments = [job.memory.address, job.sectors << SECTOR_SHIFT];
    const status = await this.submitWait(bio, `${VERBS[job.op]} sector ${job.sector}`);
    if (status === BLK_STS_OK || (status === BLK_STS_NOTSUPP && job.op === REQ_OP_FLUSH)) return;
    const { errno, name } = blkStatusText(status);
    const where = job.sectors > 0 ? ` at sector ${job.sector}` : "";
    throw new KernelError(errno, `${this.name}: ${VERBS[job.op]}${where} failed: ${name} error`);
  }

  #checkWritable(what: string): undefined {
    if (this.readOnly) throw new KernelError("EPERM", `${this.name}: ${what}: it is read-only`);
  }

  #check(
    sector: number,
    count: number,
    what: string,
    pastEnd: "EINVAL" | "ENOSPC" = "EINVAL",
  ): undefined {
    const unit = this.disk.queue.limits.logicalBlockSize >> SECTOR_SHIFT;
    const whole = Number.isInteger(sector) && sector % unit === 0 && count > 0 &&
      count % unit === 0;
    if (!whole || sector < 0) {
      throw new KernelError(
        "EINVAL",
        `${this.name}: ${what} ${count} sectors from sector ${sector}: not whole blocks`,
      );
    }
    if (sector + count > this.nrSectors) {
      throw new KernelError(
        pastEnd,
        `${this.name}: ${what} ${count} sectors from sector ${sector}: it has ${this.nrSectors}`,
      );
    }
  }
}
