import type { CompileNode } from "../compile_node.ts";
import type { CompileProperty } from "../compile_property.ts";
import type { NamedSpan, SourceMap, Span } from "./source.ts";
import type { Annotator } from "./write.ts";

/**
 * Comments that say where nodes and properties come from: file and line, or with `columns` all of the
 * stretch. Paths are shown from the folder of the file that all starts with. dtc: -T
 */
export function makeAnnotator(sources: SourceMap, columns: boolean): Annotator {
  const initial = sources.files[0].name;
  const describe = (span: Span, place: number): string => {
    const start = sources.place(span.start);
    const end = sources.place(span.end);
    const { file, line } = place === span.start ? start : end;
    if (!columns) return `${fromFolderOf(initial, file)}:${line}`;
    return `${start.file}:${start.line}:${start.column}-${end.line}:${end.column}`;
  };
  const all = (spans: readonly Span[], at: "start" | "end"): string | undefined => {
    if (spans.length === 0) return columns ? "<no-file>:<no-line>" : undefined;
    return spans.map((span) => describe(span, span[at])).join(", ");
  };
  return {
    nodeStart: ({ places }: CompileNode) => all(places.map(braces(sources)), "start"),
    nodeEnd: ({ places }: CompileNode) => all(places.map(braces(sources)), "end"),
    property: ({ place }: CompileProperty) =>
      all(place === undefined ? [] : [{ start: place.nameSpan.start, end: place.end }], "start"),
  };
}

/** A node's stretch from its brace on. */
function braces({ bytes }: SourceMap): (place: NamedSpan) => Span {
  return ({ nameSpan, end }) => {
    const brace = bytes.indexOf(0x7b, nameSpan.end);
    return { start: brace >= 0 && brace < end ? brace : nameSpan.start, end };
  };
}

/** A path as seen from the folder of `initial`, as far as both begin with the same folders. */
function fromFolderOf(initial: string, path: string): string {
  const from = initial.split("/");
  const to = path.split("/");
  let same = 0;
  while (same < from.length - 1 && same < to.length - 1 && from[same] === to[same]) same++;
  if (same === 0) return path;
  return [...from.slice(same + 1).map(() => ".."), ...to.slice(same)].join("/");
}
