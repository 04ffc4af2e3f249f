/**
 * `stty`.
 *
 * @module
 */
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

/** `stty [size | -a]` of the standard input. */
export async function stty(process: Process): Promise<number> {
  const file = process.fd(0);
  const what = process.args[1];
  let termios: readonly number[];
  try {
    termios = await file.ioctl("TCGETS", []);
  } catch (error) {
    await process.perror("standard input", error);
    return 1;
  }
  const size = await file.ioctl("TIOCGWINSZ", []).catch((error) => {
    strerror(error);
    return [0, 0];
  });
  const [rows, columns] = size;
  const unknown = rows === 0 && columns === 0;
  if (what === "size") {
    if (unknown) await process.err("stty: standard input\n");
    else await process.out(`${rows} ${columns}\n`);
    return 0;
  }
  const [iflag, oflag, cflag, lflag, line, ...cc] = termios;
  await process.out(`speed ${SPEEDS[cflag & CBAUD] ?? 38_400} baud;`);
  if (unknown) {
    await process.flush();
    await process.err("stty: standard input\n");
  } else await process.out(` rows ${rows}; columns ${columns};`);
  await process.out(` line = ${line};\n`);
  if (what !== "-a") return 0;
  const controls = CONTROLS.map(([name, index]) => `${name} = ${control(cc[index] ?? 0)};`);
  await process.out(
    wrap([...controls, `min = ${cc[VMIN] ?? 1};`, `time = ${cc[VTIME] ?? 0};`]) +
      wrap([
        ...settings(CFLAGS, cflag),
        `cs${5 + ((cflag >> 4) & 3)}`,
        ...settings(CFLAGS_LATER, cflag),
      ]) + wrap(settings(IFLAGS, iflag)) +
      wrap([...settings(OFLAGS, oflag), "nl0", "cr0", "tab0", "bs0", "vt0", "ff0"]) +
      wrap(settings(LFLAGS, lflag)),
  );
  return 0;
}
