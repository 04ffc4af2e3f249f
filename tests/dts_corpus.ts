/**
 * The corpus of device tree source in `tests/dts/`: one small file for each rule. Lines at the top of a
 * file that start with `// dtc:` say with which options it is compiled, one run each; a `|` gives what
 * comes out to the next command. A file without such a line is compiled once, without options.
 *
 * @module
 */

/** One file with one set of options. */
export interface CorpusRun {
  /** The name of the test: the file and the options. */
  readonly name: string;
  /** The folder that the commands run in. */
  readonly folder: string;
  /** Words of each command of the pipeline, the input's name last. */
  readonly stages: readonly (readonly string[])[];
}

/** What a compiler made of its input. */
export interface CompileOutcome {
  /** The exit code; 128 and more after a crash. */
  readonly code: number;
  /** What it wrote to its standard output. */
  readonly output: Uint8Array;
  /** Failed checks, sorted: `Warning (reg_format): /n@1`. */
  readonly checks: readonly string[];
}

const CORPUS = new URL("dts/", import.meta.url);
const OPTIONS = /^\/\/ dtc:(.*)$/;

/** All runs, folder by folder. */
export function corpusRuns(): CorpusRun[] {
  const runs: CorpusRun[] = [];
  for (const folder of names(CORPUS)) {
    const path = new URL(`${folder}/`, CORPUS);
    for (const file of names(path)) {
      if (file.endsWith(".dts")) runs.push(...fileRuns(path, folder, file));
    }
  }
  return runs;
}

function names(folder: URL): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

function fileRuns(folder: URL, theme: string, file: string): CorpusRun[] {
  const lines = new TextDecoder().decode(Deno.readFileSync(new URL(file, folder))).split("\n");
  const head = lines.slice(0, lines.findIndex((line) => !line.startsWith("//")));
  const options = head.flatMap((line) => OPTIONS.exec(line)?.[1].trim() ?? []);
  return (options.length > 0 ? options : [""]).map((line) => ({
    name: `${theme}/${file} ${line}`.trimEnd(),
    folder: folder.pathname,
    stages: line.split("|").map((part, index) => [
      ...part.split(" ").filter((word) => word !== ""),
      index === 0 ? file : "-",
    ]),
  }));
}

const CHECK = /^(?:.*: )?((?:Warning|ERROR) \(\w+\): (?:[Ff]ailed prerequisite '\w+'|\/[^ :]*))/;

/** The failed checks that messages tell of, by check and node. */
export function checksIn(messages: string): string[] {
  const found = messages.split("\n").flatMap((line) =>
    CHECK.exec(line)?.[1].replace("failed", "Failed") ?? []
  );
  return [...new Set(found)].sort();
}

/** The checks that dtc does not have. */
const OURS = /\(virtio_/;

/**
 * What one compiler finds and the other does not. dtc stops at the first error; what we find behind it
 * is no difference.
 */
export function checkDifferences(theirs: CompileOutcome, ours: CompileOutcome): string[] {
  const missing = theirs.checks.filter((check) => !ours.checks.includes(check));
  const more = ours.checks.filter((check) => !theirs.checks.includes(check) && !OURS.test(check));
  const counted = theirs.code === 0 ? more : [];
  return [...missing.map((check) => `- ${check}`), ...counted.map((check) => `+ ${check}`)];
}

/** The peer; `DTC` in the environment names another one. */
const PEER = Deno.env.get("DTC") ?? "dtc";
/** So many shells run the peer side by side. */
const SHELLS = 2;

/**
 * What the peer makes of each run: an outcome for each command up to the first that fails. Shells run
 * them, because starting a process from here takes several times as long as what it does.
 */
export async function peerOutcomes(runs: readonly CorpusRun[]): Promise<CompileOutcome[][]> {
  const results = await Deno.makeTempDir();
  try {
    await Promise.all(Array.from({ length: SHELLS }, (_, shell) => {
      const mine = runs.map((run, index) => index % SHELLS === shell ? script(run, index) : "");
      return runScript(mine.join(""), results);
    }));
    return runs.map(({ stages }, index) => readOutcomes(`${results}/${index}`, stages.length));
  } finally {
    await Deno.remove(results, { recursive: true });
  }
}

/** Shell lines that leave each command's output, messages and exit code in files. */
function script({ folder, stages }: CorpusRun, index: number): string {
  const commands = stages.map((words, stage) => {
    const at = `"$results"/${index}.${stage}`;
    const input = stage === 0 ? "/dev/null" : `"$results"/${index}.${stage - 1}.out`;
    const command = [PEER, ...words].map(quote).join(" ");
    return `{ ${command} <${input} >${at}.out 2>${at}.err; code=$?; echo $code >${at}.code; [ $code = 0 ]; }`;
  });
  return `cd ${quote(folder)}\n${commands.join(" && ")}\n`;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

async function runScript(script: string, results: string): Promise<undefined> {
  const child = new Deno.Command("sh", {
    env: { results },
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await ReadableStream.from([new TextEncoder().encode(script)]).pipeTo(child.stdin);
  await child.status;
}

function readOutcomes(result: string, count: number): CompileOutcome[] {
  const outcomes: CompileOutcome[] = [];
  for (let stage = 0; stage < count && (stage === 0 || outcomes[stage - 1].code === 0); stage++) {
    const read = (part: string) => Deno.readFileSync(`${result}.${stage}.${part}`);
    const text = (part: string) => new TextDecoder().decode(read(part));
    const code = Number(text("code"));
    outcomes.push({ code, output: read("out"), checks: checksIn(text("err")) });
  }
  return outcomes;
}
