import { assertEquals } from "@std/assert";
import { compareBytes, kernfsCompare, kernfsNameHash } from "./order.ts";

// The `power` folder of every device on the reference machine, as `find` printed it.
const POWER = [
  "runtime_active_time",
  "runtime_active_kids",
  "runtime_usage",
  "runtime_status",
  "autosuspend_delay_ms",
  "async",
  "runtime_suspended_time",
  "runtime_enabled",
  "control",
];

Deno.test("kernfsCompare() orders names as sysfs does", async () => {
  const listing = await Deno.readTextFile(
    new URL("../../tests/recordings/listing/stdout.txt", import.meta.url),
  );
  const folders = new Map<string, string[]>();
  const found = listing.slice(0, listing.indexOf("\n/sys/kernel/debug/"));
  for (const line of found.split("\n")) {
    const match = /^(\/sys\/(?:bus\/virtio|devices\/platform|module)\/\S*)\/([^/\s]+)$/.exec(line);
    if (match === null) continue;
    const names = folders.get(match[1]) ?? [];
    if (!names.includes(match[2])) names.push(match[2]);
    folders.set(match[1], names);
  }
  let compared = 0;
  for (const names of folders.values()) {
    if (names.length < 4) continue;
    assertEquals(names, [...names].sort(kernfsCompare));
    compared++;
  }
  assertEquals(compared > 10, true);
});

Deno.test("kernfsCompare() orders the power folder", () => {
  assertEquals([...POWER].sort(kernfsCompare), POWER);
});

Deno.test("kernfsNameHash() avoids the numbers that kernfs keeps for itself", () => {
  for (const name of ["", "a", "uevent", "virtio0", "ü"]) {
    const hash = kernfsNameHash(name);
    assertEquals(hash >= 2 && hash < 0x7fffffff, true);
  }
});

Deno.test("compareBytes() compares UTF-8 bytes, not UTF-16 units", () => {
  // U+10000 is two low surrogates in UTF-16, but greater than U+FFFD in bytes.
  assertEquals(compareBytes("\u{10000}", "\ufffd") > 0, true);
  assertEquals(["b", "a", "ab", "B"].sort(compareBytes), ["B", "a", "ab", "b"]);
});
