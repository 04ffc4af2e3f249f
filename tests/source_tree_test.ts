/**
 * Rules that the source tree keeps: who may import whom, what the core may not use, how files are named.
 */
import { assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);
/** Folders of the core: any JavaScript engine runs them. */
const CORE = ["uapi", "kernel", "drivers", "transports", "hypervisor/embedded", "lab"];
/** What a layer may import beside itself. The first layer whose name starts a path is its layer. */
const LAYERS: readonly { readonly name: string; readonly may: readonly string[] }[] = [
  { name: "uapi/", may: [] },
  { name: "hypervisor/platform.ts", may: ["uapi/"] },
  { name: "hypervisor/host.ts", may: [] },
  { name: "hypervisor/host_deno.ts", may: ["hypervisor/host.ts"] },
  {
    name: "hypervisor/embedded/",
    may: ["uapi/", "hypervisor/platform.ts", "hypervisor/host.ts"],
  },
  {
    name: "hypervisor/qemu/",
    // Of the other machine only what both share: QEMU's option syntax and board.
    may: ["uapi/", "hypervisor/platform.ts", "hypervisor/embedded/"],
  },
  { name: "kernel/", may: ["uapi/", "hypervisor/platform.ts"] },
  { name: "drivers/virtio/", may: ["uapi/", "kernel/"] },
  {
    name: "drivers/mod.ts",
    may: ["uapi/", "kernel/", "drivers/virtio/", "drivers/", "transports/"],
  },
  { name: "drivers/", may: ["uapi/", "kernel/", "drivers/virtio/"] },
  { name: "transports/", may: ["uapi/", "kernel/", "drivers/virtio/"] },
  {
    name: "lab/",
    may: [
      "uapi/",
      "kernel/",
      "drivers/virtio/",
      "drivers/mod.ts",
      "drivers/",
      "transports/",
      "hypervisor/platform.ts",
    ],
  },
  { name: "shell/", may: ["kernel/", "just-bash"] },
  {
    name: "vm/",
    may: [
      "uapi/",
      "kernel/",
      "drivers/virtio/",
      "drivers/mod.ts",
      "drivers/",
      "transports/",
      "lab/",
      "shell/",
      "hypervisor/platform.ts",
      "hypervisor/host.ts",
      "hypervisor/host_deno.ts",
      "hypervisor/embedded/",
      "hypervisor/qemu/",
    ],
  },
];
/** Clocks, chance and timers: the kernel has its own. */
const BANNED =
  /\b(Deno\.|Date\.now|new Date\b|Math\.random|performance\.now|setTimeout|setInterval|queueMicrotask)/;
/** `object.property = (…) =>`, but not the initial value of a field. */
const ASSIGNED_FUNCTION =
  /[\w)\]]\.#?\w+ = (async )?((\([^()]*\)|\w+)(: [\w<>| []]+)? =>|function\b)/g;

interface Source {
  readonly path: string;
  readonly text: string;
}

async function* sources(folder: string): AsyncIterable<Source> {
  for await (const entry of Deno.readDir(new URL(folder, ROOT))) {
    if (entry.isDirectory) yield* sources(`${folder}${entry.name}/`);
    else if (entry.name.endsWith(".ts")) {
      const path = `${folder}${entry.name}`;
      yield { path, text: await Deno.readTextFile(new URL(path, ROOT)) };
    }
  }
}

async function allSources(): Promise<Source[]> {
  const all: Source[] = [];
  const folders = ["uapi", "kernel", "drivers", "transports", "hypervisor", "lab", "shell", "vm"];
  for (const folder of folders) {
    const there = await Deno.stat(new URL(folder, ROOT)).then(() => true, () => false);
    if (there) { for await (const source of sources(`${folder}/`)) all.push(source); }
  }
  return all;
}

/** Tests and what only they use. */
function isTest(path: string): boolean {
  return /(_test|\/_testing)\.ts$|\/_[a-z_]+\.ts$|testdata\//.test(path);
}

/** Comments would look like code. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "");
}

interface Import {
  readonly target: string;
  readonly typeOnly: boolean;
}

function importsOf({ path, text }: Source): Import[] {
  const imports: Import[] = [];
  const pattern = /^(?:import|export)\s+(type\s)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm;
  for (const [, type, specifier] of withoutComments(text).matchAll(pattern)) {
    const target = specifier.startsWith(".")
      ? new URL(specifier, new URL(path, ROOT)).pathname.slice(ROOT.pathname.length)
      : specifier;
    imports.push({ target, typeOnly: type !== undefined });
  }
  return imports;
}

function layerOf(path: string): string {
  return LAYERS.find(({ name }) => path.startsWith(name))?.name ?? path;
}

Deno.test("imports point one way, from layer to layer", async () => {
  const wrong: string[] = [];
  for (const source of await allSources()) {
    if (isTest(source.path)) continue;
    const layer = LAYERS.find(({ name }) => source.path.startsWith(name));
    for (const { target } of importsOf(source)) {
      const to = layerOf(target);
      if (layer === undefined || (to !== layer.name && !layer.may.includes(to))) {
        wrong.push(`${source.path} imports ${target}`);
      }
    }
  }
  assertEquals(wrong, []);
});

Deno.test("no file imports itself in a circle at run time", async () => {
  const graph = new Map<string, string[]>();
  for (const source of await allSources()) {
    const targets = importsOf(source).filter(({ typeOnly }) => !typeOnly).map(({ target }) =>
      target
    );
    graph.set(source.path, targets);
  }
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, above: readonly string[]) => {
    if (above.includes(path)) circles.push([...above.slice(above.indexOf(path)), path].join(" > "));
    if (done.has(path) || above.includes(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...above, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  assertEquals(circles, []);
});

Deno.test("the core uses no Deno, clock, chance or timer", async () => {
  const wrong: string[] = [];
  for (const source of await allSources()) {
    if (isTest(source.path) || !CORE.some((folder) => source.path.startsWith(`${folder}/`))) {
      continue;
    }
    const found = BANNED.exec(withoutComments(source.text));
    if (found !== null) wrong.push(`${source.path} uses ${found[0]}`);
  }
  assertEquals(wrong, []);
});

Deno.test("the core keeps no state outside objects", async () => {
  const wrong: string[] = [];
  for (const source of await allSources()) {
    if (isTest(source.path) || !CORE.some((folder) => source.path.startsWith(`${folder}/`))) {
      continue;
    }
    for (const line of withoutComments(source.text).split("\n")) {
      if (/^(export )?(let|var) /.test(line)) wrong.push(`${source.path}: ${line}`);
      if (/^(export )?const \w+ = new (WeakMap|Map|Set)\(\);/.test(line)) {
        wrong.push(`${source.path}: ${line}`);
      }
    }
  }
  assertEquals(wrong, []);
});

Deno.test("the core assigns no function literal to a property", async () => {
  // V8 puts such functions among its old objects, and what they know lives until all of memory is looked
  // through: a kernel of which one is left costs its next boots more than all that it did.
  const wrong: string[] = [];
  for (const source of await allSources()) {
    if (isTest(source.path) || !CORE.some((folder) => source.path.startsWith(`${folder}/`))) {
      continue;
    }
    for (const [found] of withoutComments(source.text).matchAll(ASSIGNED_FUNCTION)) {
      wrong.push(`${source.path}: ${found}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("files are named in snake_case, folders too", async () => {
  const wrong = (await allSources()).map(({ path }) => path)
    .filter((path) => !/^[a-z0-9_/]+(_test)?\.ts$/.test(path));
  assertEquals(wrong, []);
});
