import { assert, assertEquals } from "@std/assert";
import { PAGE, refreshed, runDtc } from "./mistakes.ts";
import { lacks } from "./peers.ts";

Deno.test("docs/mistakes.md shows what we say", () => {
  const page = Deno.readTextFileSync(PAGE);
  assertEquals(refreshed(page), page);
  assertEquals(page.match(/^## /gm)?.length, page.match(/^dtc 1\.6\.1:$/gm)?.length);
  assert(!page.includes("```text\n\n```"), "each mistake has messages");
});

Deno.test({
  name: "docs/mistakes.md shows what dtc says",
  ignore: lacks("dtc"),
  fn() {
    const page = Deno.readTextFileSync(PAGE);
    assertEquals(refreshed(page, runDtc), page);
  },
});
