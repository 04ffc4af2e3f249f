/**
 * `sed`.
 *
 * @module
 */
import { KernelError } from "../../kernel/errors.ts";
import { toBytes } from "../bytes.ts";
import { ExitStatus, strerror } from "../errors.ts";
import { type Process, writeAll } from "../process.ts";
import { type SedCommand, SedParser, SedSyntaxError } from "../sed/parse.ts";
import { type SedHost, SedRun } from "../sed/run.ts";
import { type Options, parseOptions, showUsage } from "./options.ts";
import { linesOf } from "./text.ts";

async function storeText(
  process: Process,
  path: string,
  text: string,
  append: boolean,
): Promise<undefined> {
  const options = { write: true, create: true, append, truncate: !append };
  const file = await process.open(path, options);
  await writeAll(file, toBytes(text)).finally(() => file.put());
}

/** What a script may read and write beside its input. */
function hostOf(process: Process, out: SedHost["out"]): SedHost {
  const begun = new Set<string>();
  return {
    out,
    read: (path) => process.readFile(path).catch(() => ""),
    async write(path, text) {
      if (path === "/dev/stdout") return await out(text);
      await storeText(process, path, text, begun.has(path));
      begun.add(path);
    },
  };
}

async function parsed(process: Process, options: Options): Promise<SedCommand[]> {
  const texts = [...options.all("e")];
  for (const path of options.all("f")) {
    const [file] = await textsOf(process, [path]);
    if (file === undefined) throw new ExitStatus(1);
    texts.push(file.text);
  }
  if (texts.length === 0) {
    const script = options.rest.shift();
    if (script === undefined) {
      return await showUsage(
        process,
        "[-i[SUFFIX]] [-nrE] [-e SCRIPT | -f FILE | SCRIPT] [FILE]...",
      );
    }
    texts.push(script);
  }
  const extended = options.has("E") || options.has("r");
  return new SedParser(texts.join("\n"), extended).commands();
}

/** The texts of the files; what cannot be read is complained about. */
async function textsOf(process: Process, paths: readonly string[]) {
  const texts: { path: string; text: string }[] = [];
  for (const path of paths.length === 0 ? ["-"] : paths) {
    try {
      texts.push({ path, text: await process.readFile(path) });
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      const why = strerror(error);
      await process.complain(error.code === "EISDIR" ? `read error: ${why}` : `${path}: ${why}`);
    }
  }
  return texts;
}

function runFor(commands: readonly SedCommand[], text: string, quiet: boolean, host: SedHost) {
  const lines = linesOf(text).map((line) => line.replace(/\n$/, ""));
  return new SedRun(commands, lines, quiet, host, text === "" || text.endsWith("\n"));
}

/** `sed [-i[SUFFIX]] [-nrE] [-e SCRIPT]… [-f FILE]… [SCRIPT] [FILE]…` */
export async function sed(process: Process): Promise<number> {
  // A suffix of `-i` is part of its word.
  const suffix = process.args.find((arg) => /^-i./.test(arg) && !/^-i[nrEse]+$/.test(arg))?.slice(
    2,
  );
  const args = process.args.map((arg) =>
    suffix !== undefined && arg === `-i${suffix}` ? "-i" : arg
  );
  const given = Object.create(process, { args: { value: args } }) as Process;
  const options = await parseOptions(given, {
    letters: "nrEie:f:",
    long: { expression: "e", file: "f", quiet: "n", silent: "n", "regexp-extended": "r" },
  });
  try {
    const commands = await parsed(process, options);
    const texts = await textsOf(process, options.rest);
    const failed = texts.length < options.rest.length;
    const quiet = options.has("n");
    if (options.has("i")) {
      for (const { path, text } of texts) {
        let result = "";
        const host = hostOf(process, async (part) => {
          result += part;
        });
        await runFor(commands, text, quiet, host).run();
        if (suffix !== undefined) await storeText(process, path + suffix, text, false);
        await storeText(process, path, result, false);
      }
    } else {
      const all = texts.map(({ text }, at) =>
        at + 1 < texts.length && text !== "" && !text.endsWith("\n") ? `${text}\n` : text
      ).join("");
      await runFor(commands, all, quiet, hostOf(process, (text) => process.out(text))).run();
    }
    return failed ? 1 : 0;
  } catch (error) {
    if (!(error instanceof SedSyntaxError)) throw error;
    await process.complain(error.message);
    return 1;
  }
}
