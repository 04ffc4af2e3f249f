import { assertEquals } from "@std/assert";
import { KernelError } from "../errors.ts";
import { nowhere } from "./_testing.ts";
import { Kernel } from "../kernel.ts";
import { type Console, CONSOLES, parseConsole, registerConsole, showConsoles } from "./console.ts";

function consoleOf(name: string, printed: string[], works: () => boolean): Console {
  return {
    name,
    index: -1,
    enabled: false,
    consdev: false,
    printbuffer: true,
    write: (text) => {
      printed.push(`${name}: ${text}`);
      return undefined;
    },
    device: () => undefined,
    setup: () => {
      if (!works()) throw new KernelError("ENODEV", "nothing there");
    },
  };
}

Deno.test("parseConsole() takes name, index and options apart", () => {
  assertEquals(parseConsole("ttyAMA0,115200n8"), {
    name: "ttyAMA",
    index: 0,
    options: "115200n8",
  });
  assertEquals(parseConsole("hvc12"), { name: "hvc", index: 12, options: undefined });
  assertEquals(parseConsole("1"), { name: "ttyS", index: 1, options: undefined });
  assertEquals(parseConsole(""), { name: "ttynull", index: 0, options: undefined });
});

// The expected lines are those of recorded runs with these command lines.

Deno.test("the console named last is /dev/console, whichever comes first", () => {
  const kernel = new Kernel(nowhere(), { append: "console=ttyAMA0 quiet console=hvc0" });
  registerConsole(kernel, consoleOf("ttyAMA", [], () => true));
  assertEquals(showConsoles(kernel), "ttyAMA0              -W- (EC p  )\n");
  registerConsole(kernel, consoleOf("hvc", [], () => true));
  assertEquals(
    showConsoles(kernel),
    "hvc0                 -W- (EC p  )\nttyAMA0              -W- (E  p  )\n",
  );
});

Deno.test("a console that nobody wants stays silent; one that is not there yet comes later", () => {
  const kernel = new Kernel(nowhere(), { append: "console=hvc0" });
  const printed: string[] = [];
  let there = false;
  const hvc = consoleOf("hvc", printed, () => there);
  registerConsole(kernel, consoleOf("ttyAMA", printed, () => true));
  registerConsole(kernel, hvc);
  assertEquals([kernel.get(CONSOLES).active.length, hvc.index], [0, 0]);
  kernel.warn("early");
  there = true;
  registerConsole(kernel, hvc);
  assertEquals(printed.length, 2);
  assertEquals(printed[0].endsWith("early\n"), true);
  assertEquals(printed[1].endsWith("printk: console [hvc0] enabled\n"), true);
});

Deno.test("without console= the first console with a terminal wins", () => {
  const kernel = new Kernel(nowhere());
  registerConsole(kernel, consoleOf("tty", [], () => true));
  registerConsole(kernel, consoleOf("ttyAMA", [], () => true));
  assertEquals(showConsoles(kernel), "tty0                 -W- (EC p  )\n");
});

Deno.test("what printing logs comes after it, not in between", () => {
  const kernel = new Kernel(nowhere(), { append: "console=x0" });
  const printed: string[] = [];
  registerConsole(kernel, {
    ...consoleOf("x", printed, () => true),
    write: (text) => {
      if (printed.length === 1) kernel.warn("nested");
      printed.push(text.slice(15));
      return undefined;
    },
  });
  kernel.warn("outer");
  assertEquals(printed, ["printk: console [x0] enabled\n", "outer\n", "nested\n"]);
});
