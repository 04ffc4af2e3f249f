/**
 * Keeps `docs/mistakes.md` true: the sources stand in the page, what is said about them is put behind
 * each. `deno run -A tests/mistakes.ts` writes it again.
 *
 * @module
 */
import { DtsError, parseDts } from "../kernel/of/mod.ts";

/** The page. */
export const PAGE = new URL("../docs/mistakes.md", import.meta.url);

const SECTION =
  /```dts\n([^]*?)```\n\n`paraguest dtc`:\n\n```text\n([^]*?)```\n\ndtc 1\.6\.1:\n\n```text\n([^]*?)```\n/g;

/** The page with our messages, and if `dtc` is given with its messages, as they are today. */
export function refreshed(page: string, dtc?: (source: string) => string): string {
  return page.replace(SECTION, (_, source: string, _ours: string, theirs: string) => {
    const fence = (text: string) => `\`\`\`text\n${text.trimEnd()}\n\`\`\`\n`;
    return [
      `\`\`\`dts\n${source}\`\`\`\n`,
      "`paraguest dtc`:\n",
      fence(ours(source)),
      "dtc 1.6.1:\n",
      fence(dtc?.(source) ?? theirs),
    ].join("\n");
  });
}

function ours(source: string): string {
  try {
    parseDts(source, { file: "board.dts", read: () => undefined });
    return "";
  } catch (error) {
    if (error instanceof DtsError) return error.render();
    throw error;
  }
}

/** What the real dtc says. */
export function runDtc(source: string): string {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/board.dts`, source);
    const args = ["-q", "-O", "dtb", "-o", "/dev/null", "board.dts"];
    const { stderr } = new Deno.Command("dtc", { args, cwd: folder }).outputSync();
    return new TextDecoder().decode(stderr);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

if (import.meta.main) {
  Deno.writeTextFileSync(PAGE, refreshed(Deno.readTextFileSync(PAGE), runDtc));
}
