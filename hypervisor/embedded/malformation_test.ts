import { assertEquals } from "@std/assert";
import { MachineBench } from "../../tests/machine_bench.ts";
import { CASES, RINGS } from "../../tests/mmio_cases.ts";
import { MALFORMATIONS } from "./malformation.ts";

/** What each ring of the table is, by the rule that it breaks. */
const BROKEN: Readonly<Record<string, string | undefined>> = {
  "a read": undefined,
  "a read through an indirect table": undefined,
  "no interrupt wanted": undefined,
  "no header": undefined,
  "no room for the status": undefined,
  "an indirect table that was not negotiated": "Indirect descriptor without INDIRECT_DESC",
  "an indirect descriptor with NEXT": "Indirect descriptor with NEXT",
  "an indirect table inside an indirect table": "Indirect descriptor 0 inside an indirect table",
  "an indirect table of no bytes": "Invalid size for indirect buffer table",
  "an indirect table of one and a half descriptors": "Invalid size for indirect buffer table",
  "an indirect table with a link past its end": "Desc next is 3",
  "a head past the table": "Guest says index 16 is available",
  "a link past the table": "Desc next is 16",
  "a descriptor linked to itself": "Looped descriptor",
  "a circle of three": "Looped descriptor",
  "a circle in an indirect table": "Looped descriptor",
  "an empty buffer": "virtio: zero sized buffers are not allowed",
  "a readable buffer behind a writable one": "Incorrect order for descriptors",
  "an available index that jumps": "Guest moved available index from 0 to 100",
  "an available index that goes back": "Guest moved available index from 0 to 65535",
};

for (const name of Object.keys(RINGS)) {
  Deno.test(`Virtqueue records what is wrong with ${name}`, () => {
    const row = CASES.find((row) => row.name === `ring: ${name}`)!;
    const bench = new MachineBench(row.args);
    row.run(bench);
    const messages = bench.violations.filter((line) => line.includes("queue 0: "));
    const expected = BROKEN[name];
    assertEquals(
      messages.filter((line) => !line.includes("missing headers")).map((line) =>
        line.slice(line.indexOf("queue 0: ") + 9)
      ),
      expected === undefined ? [] : [expected],
    );
    for (const line of messages) {
      const known = Object.values(MALFORMATIONS).some(({ clause }) => line.startsWith(clause));
      assertEquals(known || line.startsWith("VIRTIO 1.4, 5."), true, line);
    }
  });
}
