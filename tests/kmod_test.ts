/**
 * Which modules are loaded for one, against modprobe of the kmod project on modules made of the same words.
 */
import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { type ModuleImage, MODULES } from "../kernel/module.ts";
import { boot, embedded, KernelError } from "../mod.ts";
import { modprobeSteps, parseModprobeConfig } from "../kernel/kmod.ts";
import { lacks } from "./peers.ts";

const NAMES = ["ma", "mb", "mc", "md", "me", "mf"];
const VERSION = "1.0.0";

/** A module that exports one symbol and needs those of others. */
function image(name: string, needs: readonly string[], softdep: string): ModuleImage {
  return {
    ...{ name, softdep, exports: [`${name}_fn`], imports: needs.map((need) => `${need}_fn`) },
    aliases: [`type:${name}*`],
    init: { name: `${name}_init`, level: "device", fn: () => Promise.resolve(0) },
  };
}

/** The sections of a module's file that depmod and modprobe look at. */
function assembly({ name, imports = [], softdep = "", aliases = [] }: ModuleImage): string {
  const words = [`name=${name}`, "license=GPL", ...aliases.map((alias) => `alias=${alias}`)];
  if (softdep !== "") words.push(`softdep=${softdep}`);
  return `.section .modinfo,"a"
${words.map((word) => `.asciz "${word}"`).join("\n")}
.section __ksymtab_strings,"a"
.asciz "${name}_fn"
.data
.globl __ksymtab_${name}_fn
__ksymtab_${name}_fn: .quad 0
${imports.map((symbol) => `.quad ${symbol}`).join("\n")}
`;
}

async function run(program: string, args: readonly string[], stdin = ""): Promise<string> {
  const child = new Deno.Command(
    program,
    {
      args: [...args],
      ...{ stdin: "piped", stdout: "piped", stderr: "null" },
    } as const,
  ).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  return new TextDecoder().decode((await child.output()).stdout);
}

/** Installs modules as files below a folder. */
async function install(folder: string, images: readonly ModuleImage[]): Promise<undefined> {
  const to = `${folder}/lib/modules/${VERSION}`;
  await Deno.mkdir(`${to}/kernel`, { recursive: true });
  await Promise.all(images.map((each) => {
    const object = `${to}/kernel/${each.name}.ko`;
    return run("cc", ["-c", "-x", "assembler", "-o", object, "-"], assembly(each));
  }));
  await run("depmod", ["-b", folder, VERSION]);
}

const anyName = fc.constantFrom(...NAMES, "nobody", "type:mb9");
const someNames = fc.uniqueArray(anyName, { maxLength: 2 }).map((names) => names.join(" "));
const softdep = fc.tuple(someNames, someNames).map(([pre, post]) =>
  [pre === "" ? "" : `pre: ${pre}`, post === "" ? "" : `post: ${post}`].join(" ").trim()
);
const line = fc.oneof(
  fc.tuple(fc.constantFrom(...NAMES, "m*", "m[ab]"), softdep).map(([name, of]) =>
    `softdep ${name} ${of}`
  ),
  fc.tuple(fc.constantFrom(...NAMES, "m?"), fc.nat(9)).map(([name, n]) => `options ${name} p=${n}`),
  fc.constantFrom(...NAMES).map((name) => `install ${name} echo ${name}`),
  fc.constantFrom(...NAMES).map((name) => `alias nobody ${name}`),
  fc.constantFrom("# softdep ma pre: mb", "", "frob ma", "softdep ma"),
);
const modules = fc.tuple(
  ...NAMES.map((name, at) =>
    fc.tuple(fc.subarray(NAMES.slice(0, at), { maxLength: Math.min(at, 2) }), softdep).map((
      [needs, of],
    ) => image(name, needs, of))
  ),
);

function trimmed(lines: readonly string[]): string[] {
  return lines.map((each) => each.trim());
}

/** What modprobe would say that it does. */
async function ourSteps(images: readonly ModuleImage[], lines: readonly string[]) {
  await using vm = await boot(embedded(""), { images, modules: "all" });
  const config = parseModprobeConfig(lines);
  const { images: known } = vm.kernel.get(MODULES);
  return NAMES.map((name) =>
    trimmed(
      modprobeSteps(vm.kernel, config, known.get(name) as ModuleImage).map((step) =>
        step.command === undefined
          ? `insmod ${step.image.name} ${step.options}`
          : `install ${step.command}`
      ),
    )
  );
}

async function theirSteps(folder: string, lines: readonly string[]) {
  const config = `${folder}/conf`;
  await Deno.mkdir(config, { recursive: true });
  await Deno.writeTextFile(`${config}/a.conf`, `${lines.join("\n")}\n`);
  const where = ["-S", VERSION, "-d", folder, "-C", config];
  const texts = await Promise.all(
    NAMES.map((name) => run("modprobe", ["--show-depends", ...where, name])),
  );
  return texts.map((text) =>
    trimmed(text.trimEnd().replaceAll(/^insmod \S*\/(\w+)\.ko/gm, "insmod $1").split("\n"))
  );
}

Deno.test({
  name: "modprobe's order: dependencies, softdeps, options and install lines as kmod has them",
  ignore: lacks("modprobe") || lacks("cc"),
  fn: async () => {
    const universes = fc.sample(modules, { numRuns: 5, seed: 5 });
    const configs = fc.sample(fc.array(line, { maxLength: 6 }), { numRuns: 25, seed: 6 });
    for (const [at, images] of universes.entries()) {
      const folder = await Deno.makeTempDir();
      try {
        await install(folder, images);
        for (const lines of configs.slice(5 * at, 5 * at + 5)) {
          assertEquals(await ourSteps(images, lines), await theirSteps(folder, lines));
        }
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    }
  },
});

Deno.test("modules at the start follow softdeps and modprobe.d, in every order in which they are asked for", async () => {
  const images = [image("ma", [], ""), image("mb", [], "pre: ma"), image("mc", [], "")];
  const loaded = async (modprobe: readonly string[], append = "", asked = ["mc", "mb"]) => {
    const ordering = { modules: asked, modprobe };
    await using vm = await boot(embedded(""), { images, modules: "all", ordering, append });
    return (await vm.sh("lsmod | awk 'NR > 1 { print $1 }'")).trim().split("\n").reverse();
  };
  assertEquals(await loaded([]), ["mc", "ma", "mb"]);
  assertEquals(await loaded(["softdep mb post: ma"]), ["mc", "mb", "ma"]);
  assertEquals(await loaded(["softdep mb pre: nobody"]), ["mc", "mb"]);
  assertEquals(await loaded(["blacklist mc"]), ["ma", "mb"]);
  assertEquals(await loaded([], "modprobe.blacklist=mb"), ["mc"]);
  assertEquals(await loaded(["install ma /bin/false"]), ["mc", "mb"]);
  await assertRejects(() => loaded(["install mc /bin/false"]), KernelError, "mc");
  await assertRejects(() => loaded(["install mc echo"]), KernelError, "only true and false");
  for (const asked of [["ma", "mc", "mb"], ["mb", "mc", "ma"], ["mb", "ma", "mc"]]) {
    const order = await loaded([], "", asked);
    assertEquals(order.indexOf("ma") < order.indexOf("mb"), true, `${asked}: ${order}`);
  }
});
