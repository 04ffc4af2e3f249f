import { latin1 } from "../bytes.ts";
import type { Check } from "../checks/check.ts";
import type { CompileNode } from "../compile_node.ts";
import type { CompileProperty } from "../compile_property.ts";
import { commentEnd } from "./lexer.ts";
import type { SourceFile, SourceMap } from "./source.ts";
import { isSpace, T } from "./token.ts";

const COMMENT = /\/\*\s*dts-allow:([^*]*)\*\/|\/\/\s*dts-allow:(.*)$/gm;

/**
 * Comments in the source that allow what a check would complain about: `dts-allow:` and names of
 * checks, in front of a node, for it and its properties, or in front of one property. dtc has only
 * switches for the whole input.
 */
export class Allowances {
  readonly #sources: SourceMap;
  /** Names of checks by the position of what the comment stands in front of. */
  #byPlace: Map<number, Set<string>> | undefined = undefined;

  /** The text is looked through when somebody first asks. */
  constructor(sources: SourceMap) {
    this.#sources = sources;
  }

  /** Whether a comment allows a finding. What damages the tree cannot be allowed. */
  covers(check: Check, node: CompileNode, property: CompileProperty | undefined): boolean {
    if (check.level === "error") return false;
    this.#byPlace ??= this.#find();
    if (this.#byPlace.size === 0) return false;
    const places = property?.place === undefined ? node.places : [property.place, ...node.places];
    return places.some(({ start }) => this.#byPlace?.get(start)?.has(check.name));
  }

  #find(): Map<number, Set<string>> {
    const found = new Map<number, Set<string>>();
    for (const file of this.#sources.files) {
      const text = latin1(this.#sources.bytes, file.start, file.end);
      for (const { 0: comment, 1: block, 2: line, index } of text.matchAll(COMMENT)) {
        const position = this.#behind(file, file.start + index + comment.length);
        const names = found.get(position) ?? new Set();
        for (const name of (block ?? line).split(/[\s,]+/)) names.add(name.replaceAll("-", "_"));
        found.set(position, names);
      }
    }
    return found;
  }

  /** The next thing that is neither white space nor a comment. */
  #behind(file: SourceFile, position: number): number {
    const { bytes } = this.#sources;
    for (let at = position;;) {
      while (at < file.end && isSpace(bytes[at])) at++;
      const next = bytes[at] === T.SLASH ? commentEnd(bytes, at, file.end) : at;
      if (next <= at) return at;
      at = next;
    }
  }
}
