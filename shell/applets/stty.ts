/**
 * `stty`.
 *
 * @module
 */
import { STRERROR } from "../../kernel/errno.ts";
import type { File } from "../../kernel/vfs/file.ts";
import { strerror } from "../errors.ts";
import type { Process } from "../process.ts";

const WIDTH = 80;

/** A setting that is one bit, or one value of several bits. */
type Setting = readonly [name: string, bit: number];

const CFLAGS: readonly Setting[] = [
  ["parenb", 0o400],
  ["parodd", 0o1000],
  ["cmspar", 0o10000000000],
];
const CFLAGS_LATER: readonly Setting[] = [
  ["hupcl", 0o2000],
  ["cstopb", 0o100],
  ["cread", 0o200],
  ["clocal", 0o4000],
  ["crtscts", 0o20000000000],
];
const IFLAGS: readonly Setting[] = [
  ["ignbrk", 1],
  ["brkint", 2],
  ["ignpar", 4],
  ["parmrk", 0o10],
  ["inpck", 0o20],
  ["istrip", 0o40],
  ["inlcr", 0o100],
  ["igncr", 0o200],
  ["icrnl", 0o400],
  ["ixon", 0o2000],
  ["ixoff", 0o10000],
  ["iuclc", 0o1000],
  ["ixany", 0o4000],
  ["imaxbel", 0o20000],
  ["iutf8", 0o40000],
];
const OFLAGS: readonly Setting[] = [
  ["opost", 1],
  ["olcuc", 2],
  ["ocrnl", 0o10],
  ["onlcr", 4],
  ["onocr", 0o20],
  ["onlret", 0o40],
  ["ofill", 0o100],
  ["ofdel", 0o200],
];
const LFLAGS: readonly Setting[] = [
  ["isig", 1],
  ["icanon", 2],
  ["iexten", 0o100000],
  ["echo", 0o10],
  ["echoe", 0o20],
  ["echok", 0o40],
  ["echonl", 0o100],
  ["noflsh", 0o200],
  ["xcase", 4],
  ["tostop", 0o400],
  ["echoprt", 0o2000],
  ["echoctl", 0o1000],
  ["echoke", 0o4000],
  ["flusho", 0o10000],
  ["extproc", 0o200000],
];
/** Control characters with their places in `c_cc`. */
const CONTROLS: readonly [name: string, index: number][] = [
  ["intr", 0],
  ["quit", 1],
  ["erase", 2],
  ["kill", 3],
  ["eof", 4],
  ["eol", 11],
  ["eol2", 16],
  ["swtch", 7],
  ["start", 8],
  ["stop", 9],
  ["susp", 10],
  ["rprnt", 12],
  ["werase", 14],
  ["lnext", 15],
  ["flush", 13],
];
const VMIN = 6;
const VTIME = 5;
const SPEEDS: Readonly<Record<number, number>> = {
  0o13: 9600,
  0o15: 9600,
  0o16: 19_200,
  0o17: 38_400,
  0o10001: 57_600,
  0o10002: 115_200,
};
const CBAUD = 0o10017;

function control(code: number): string {
  if (code === 0) return "<undef>";
  if (code === 0x7f) return "^?";
  return code < 0x20 ? `^${String.fromCharCode(code + 0x40)}` : String.fromCharCode(code);
}

const settings = (list: readonly Setting[], flags: number) =>
  list.map(([name, bit]) => (flags & bit) !== 0 ? name : `-${name}`);

/** Words in lines of the terminal's width. */
function wrap(words: readonly string[]): string {
  let text = "";
  let column = 0;
  for (const word of words) {
    if (column > 0 && column + 1 + word.length >= WIDTH) {
      text += "\n";
      column = 0;
    }
    text += column === 0 ? word : ` ${word}`;
    column += word.length + (column === 0 ? 0 : 1);
  }
  return `${text}\n`;
}

/** Bits that a terminal in good order has; of the other settings with a name, those in {@linkcode FREE} may be either. */
const SANE: ReadonlySet<string> = new Set(
  ("cread brkint icrnl imaxbel opost onlcr isig icanon iexten echo echoe echok echoctl echoke")
    .split(" "),
);
const FREE: ReadonlySet<string> = new Set(
  ("parenb parodd cmspar hupcl cstopb clocal crtscts ignpar parmrk inpck istrip ixon iutf8").split(
    " ",
  ),
);

/** Where the bits of each kind are in what `TCGETS` gives. */
const KINDS: readonly (readonly [list: readonly Setting[], word: number])[] = [
  [CFLAGS, 2],
  [CFLAGS_LATER, 2],
  [IFLAGS, 0],
  [OFLAGS, 1],
  [LFLAGS, 3],
];

/** Settings that are not as in a terminal in good order. */
function unusual(list: readonly Setting[], flags: number): string[] {
  return list.filter(([name, bit]) => !FREE.has(name) && SANE.has(name) !== ((flags & bit) !== 0))
    .map(([name, bit]) => (flags & bit) !== 0 ? name : `-${name}`);
}

/** Everything with `all`, otherwise what is unusual. */
function show(termios: readonly number[], all: boolean): string {
  const [iflag, oflag, cflag, lflag, _line, ...cc] = termios;
  const controls = CONTROLS.map(([name, index]) => `${name} = ${control(cc[index] ?? 0)};`);
  const head = wrap([...controls, `min = ${cc[VMIN] ?? 1};`, `time = ${cc[VTIME] ?? 0};`]);
  if (!all) {
    const rows = [[CFLAGS, CFLAGS_LATER], [IFLAGS], [OFLAGS], [LFLAGS]].map((lists) =>
      lists.flatMap((list) => {
        const word = KINDS.find(([kind]) => kind === list)?.[1] ?? 0;
        return unusual(list, termios[word]);
      })
    );
    return head + rows.filter((row) => row.length > 0).map(wrap).join("");
  }
  return head +
    wrap([
      ...settings(CFLAGS, cflag),
      `cs${5 + ((cflag >> 4) & 3)}`,
      ...settings(CFLAGS_LATER, cflag),
    ]) + wrap(settings(IFLAGS, iflag)) +
    wrap([...settings(OFLAGS, oflag), "nl0", "cr0", "tab0", "bs0", "vt0", "ff0"]) +
    wrap(settings(LFLAGS, lflag));
}

/** What some words mean: other words. */
const COMBINATIONS: Readonly<Record<string, string>> = {
  raw:
    "-ignbrk -brkint -ignpar -parmrk -inpck -istrip -inlcr -igncr -icrnl -ixon -ixoff -iuclc -ixany " +
    "-imaxbel -opost -isig -icanon -xcase",
  cooked: "brkint ignpar istrip icrnl ixon opost isig icanon",
  sane: [...SANE].join(" "),
};

/** Sets what a word says; false when it says nothing. */
function apply(termios: number[], word: string): boolean {
  const combination = COMBINATIONS[word === "-raw" ? "cooked" : word];
  if (combination !== undefined) return combination.split(" ").every((one) => apply(termios, one));
  const code = Object.entries(SPEEDS).findLast(([, baud]) => `${baud}` === word)?.[0];
  if (code !== undefined) {
    termios[2] = (termios[2] & ~CBAUD) | Number(code);
    return true;
  }
  const name = word.replace(/^-/, "");
  for (const [list, at] of KINDS) {
    const bit = list.find(([known]) => known === name)?.[1];
    if (bit === undefined) continue;
    termios[at] = word === name ? termios[at] | bit : termios[at] & ~bit;
    return true;
  }
  return false;
}

async function change(
  process: Process,
  file: File,
  termios: number[],
  words: readonly string[],
): Promise<number> {
  for (const word of words) {
    if (apply(termios, word)) continue;
    await process.complain(`invalid argument '${word}'`);
    return 1;
  }
  await file.ioctl("TCSETSW", termios);
  return 0;
}

/** `stty [-F DEVICE] [-a] [size | speed | SETTING…]`, of the standard input. */
export async function stty(process: Process): Promise<number> {
  const args = process.args.slice(1);
  const at = args.indexOf("-F");
  const [, device] = at < 0 ? [] : args.splice(at, 2);
  const name = device ?? "standard input";
  // What the program's own calls have left untouched is the last error of the shell that became it.
  const complain = () =>
    process.complain(
      process.lastError === undefined ? name : `${name}: ${STRERROR[process.lastError]}`,
    );
  let file: File;
  let termios: number[];
  try {
    file = device === undefined
      ? process.fd(0).get()
      : await process.open(device, { read: true, nonblock: true });
    termios = [...await file.ioctl("TCGETS", [])];
  } catch (error) {
    await process.perror(name, error);
    return 1;
  }
  try {
    const [what] = args;
    if (what !== undefined && !["size", "speed", "-a"].includes(what)) {
      return await change(process, file, termios, args);
    }
    const baud = SPEEDS[termios[2] & CBAUD] ?? 38_400;
    if (what === "speed") {
      await process.out(`${baud}\n`);
      return 0;
    }
    const [rows, columns] = await file.ioctl("TIOCGWINSZ", []).catch((error) => {
      strerror(error);
      return [0, 0];
    });
    const unknown = rows === 0 && columns === 0;
    if (what === "size") {
      if (unknown) await complain();
      else await process.out(`${rows} ${columns}\n`);
      return 0;
    }
    await process.out(`speed ${baud} baud;`);
    if (what === "-a" && unknown) {
      await process.flush();
      // The C library asked whether it prints to a terminal.
      if (process.fds.get(1)?.tty !== true) process.lastError = "ENOTTY";
      await complain();
    } else if (what === "-a") await process.out(` rows ${rows}; columns ${columns};`);
    await process.out(` line = ${termios[4]};\n${show(termios, what === "-a")}`);
    return 0;
  } finally {
    await file.put();
  }
}
