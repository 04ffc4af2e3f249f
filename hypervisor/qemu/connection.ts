/**
 * A QEMU with everything that connects it with this program: its process, the two protocols, guest
 * RAM, scripts at character devices, images in memory.
 *
 * @module
 */
import { type QemuArguments, readArguments } from "./arguments.ts";
import { Libc } from "./libc.ts";
import { type Attendant, LineSocket, LOOK_MS } from "./line_socket.ts";
import { QemuProcess } from "./process.ts";
import { QemuExitError } from "./errors.ts";
import { checkProgram, checkVersion, findQemu } from "./program.ts";
import { QmpLink } from "./qmp_link.ts";
import { type IrqListener, QtestLink } from "./qtest_link.ts";
import { ScriptEnd } from "./script_end.ts";
import { SharedRam } from "./shared_ram.ts";

/** Name of QEMU's end of the qtest connection: `-qtest` insists on it. */
const QTEST_ID = "qtest";
const QMP_ID = "paraguest-qmp";
const RAM_ID = "paraguest-ram";
/** The character devices that the caller did not ask for. */
export const OWN_CHARDEVS: readonly string[] = [QTEST_ID, QMP_ID];

/** What {@linkcode QemuConnection} takes beside QEMU's options. */
export interface ConnectionOptions {
  /** The program. Default: what the environment variable `QEMU` names, or `qemu-system-aarch64`. */
  readonly program?: string;
  /** The folder that files in QEMU's options are relative to. Default: the current one. */
  readonly folder?: string;
  /** Images in memory: `-drive file=NAME` takes the one of that name; written back at the end. */
  readonly images?: Readonly<Record<string, Uint8Array>>;
}

interface Image {
  readonly fd: number;
  readonly bytes: Uint8Array;
}

interface SocketPair {
  readonly ours: number;
  readonly theirs: number;
}

/** What is known before there is a process: checked early, so that mistakes are reported early. */
export class ConnectionPlan {
  readonly program: string;
  readonly args: QemuArguments;
  readonly images: Readonly<Record<string, Uint8Array>>;
  readonly folder: string | undefined;

  /**
   * @throws {OptionError} When an option cannot be used.
   * @throws {QemuUnavailableError} When QEMU is not installed.
   */
  constructor(args: readonly string[], options: ConnectionOptions) {
    this.images = options.images ?? {};
    this.folder = options.folder;
    this.args = readArguments(args, Object.keys(this.images));
    this.program = findQemu(options.program);
  }
}

/** The parts of a running connection. */
export class QemuConnection {
  readonly libc: Libc;
  readonly ram: SharedRam;
  readonly process: QemuProcess;
  readonly qtest: QtestLink;
  readonly qmp: QmpLink;
  readonly scripts: Map<string, ScriptEnd> = new Map<string, ScriptEnd>();
  /** Moves bytes of character devices while QEMU may wait for that; `undefined` when there are none. */
  readonly attendant: Attendant | undefined;
  readonly #images: Image[] = [];

  /**
   * Starts QEMU, and waits until it can be driven.
   *
   * @param onIrq Hears the inputs of the interrupt controller.
   * @param onScript Hears that a script wrote to a character device.
   * @throws {QemuExitError} When QEMU refuses its command line; what was opened is closed again.
   */
  constructor(plan: ConnectionPlan, onIrq: IrqListener, onScript: () => undefined) {
    const libc = this.libc = new Libc();
    const { args } = plan;
    const inherited: number[] = [];
    const pair = (): SocketPair => {
      const made = libc.socketPair(LOOK_MS);
      inherited.push(made.theirs);
      return made;
    };
    this.ram = new SharedRam(libc, args.ramSize);
    const qtest = pair();
    const qmp = pair();
    const scripts = new Map(args.scripts.map((id) => [id, pair()]));
    const images = new Map(args.images.map((name) => [name, this.#addImage(plan.images[name])]));
    this.process = new QemuProcess(libc, {
      program: plan.program,
      stdio: args.stdio,
      folder: plan.folder,
      args: [
        ...machineOptions(this.ram.fd, args.ramSize),
        ...channelOptions(qtest.theirs, qmp.theirs),
        ...args.build({
          scriptFd: (id) => scripts.get(id)!.theirs,
          imagePath: (name) => `/dev/fd/${images.get(name)}`,
        }),
      ],
    });
    for (const fd of inherited) libc.close(fd);
    this.ram.closeFile();
    for (const { fd } of this.#images) libc.keep(fd);
    for (const [id, { ours }] of scripts) this.scripts.set(id, new ScriptEnd(libc, ours, onScript));
    const attendant = this.attendant = attendantOf([...this.scripts.values()]);
    const socket = (fd: number): LineSocket => new LineSocket(libc, fd, this.process, attendant);
    this.qtest = new QtestLink(socket(qtest.ours), this.process, onIrq);
    this.qmp = new QmpLink(socket(qmp.ours), this.process);
  }

  /**
   * Waits until QEMU can be driven.
   *
   * @throws {QemuExitError} When QEMU refuses its command line.
   * @throws {QemuUnavailableError} When it is too old.
   */
  greet(plan: ConnectionPlan): undefined {
    try {
      checkVersion(plan.program, this.qmp.greet());
    } catch (error) {
      if (error instanceof QemuExitError) checkProgram(plan.program);
      throw error;
    }
    this.qtest.interceptInputs(this.#findInterruptController());
  }

  #addImage(bytes: Uint8Array): number {
    const fd = this.libc.memoryFile("paraguest-image", bytes.length);
    this.libc.writeAt(fd, bytes, 0);
    this.#images.push({ fd, bytes });
    return fd;
  }

  #findInterruptController(): string {
    const folder = "/machine/unattached";
    const list = this.qmp.run("qom-list", { path: folder });
    for (const { name, type } of list as { readonly name: string; readonly type: string }[]) {
      if (/^child<(arm_gic|arm-gicv3)>$/.test(type)) return `${folder}/${name}`;
    }
    throw new Error("qemu: the machine has no interrupt controller that can be watched");
  }

  /** What the guest has left in a script's hands and in images moves here. */
  #saveImages(): undefined {
    for (const { fd, bytes } of this.#images) {
      this.libc.readAt(fd, bytes, 0);
      this.libc.close(fd);
    }
  }

  /** Ends QEMU and lets go of everything. @param outside A wait for one of the sockets, if there is one. */
  async close(outside: Promise<unknown> | undefined): Promise<undefined> {
    this.qmp.post("quit");
    await this.process.end();
    this.libc.shutdown(this.qtest.fd);
    await outside;
    this.qtest.close();
    this.qmp.close();
    for (const script of this.scripts.values()) script.close();
    this.#saveImages();
    this.ram[Symbol.dispose]();
    this.libc[Symbol.dispose]();
  }
}

function attendantOf(scripts: readonly ScriptEnd[]): Attendant | undefined {
  if (scripts.length === 0) return undefined;
  return {
    fds: scripts.map(({ fd }) => fd),
    attend: (): undefined => {
      for (const script of scripts) script.exchange();
    },
  };
}

/** The machine, before the caller's options, of which the last counts. */
function machineOptions(ramFd: number, ramSize: number): string[] {
  const backend = `memory-backend-file,id=${RAM_ID},size=${ramSize},mem-path=/dev/fd/${ramFd}`;
  return [
    ...["-no-user-config", "-nodefaults", "-display", "none"],
    ...["-M", "virt", "-machine", `memory-backend=${RAM_ID}`, "-cpu", "cortex-a57"],
    ...["-object", `${backend},share=on`],
    ...["-global", "arm-cpu.start-powered-off=on"],
    ...["-global", "virtio-mmio.force-legacy=false"],
  ];
}

function channelOptions(qtestFd: number, qmpFd: number): string[] {
  return [
    ...["-chardev", `socket,id=${QTEST_ID},fd=${qtestFd}`],
    ...["-qtest", `chardev:${QTEST_ID}`, "-qtest-log", "none"],
    ...["-chardev", `socket,id=${QMP_ID},fd=${qmpFd}`],
    ...["-mon", `chardev=${QMP_ID},mode=control`],
  ];
}
