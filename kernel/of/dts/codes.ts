/**
 * What each code of a diagnostic stands for. A code keeps its meaning when messages change; one that is
 * no longer used is not given to something else.
 */
export const CODES = {
  // Characters and files
  DTS0001: "byte order mark at the start",
  DTS0002: "comment without end",
  DTS0003: "line comment at the end of a file without line end",
  DTS0004: "`/include/` without a file name",
  DTS0005: "files included too deeply",
  DTS0006: "file that cannot be read",
  DTS0007: "string without closing quote",
  DTS0008: "bad escape in a string",
  DTS0009: "bad character literal",
  DTS0010: "bad number",
  DTS0011: "number beyond 64 bits",
  DTS0012: "bad reference",
  DTS0013: "unknown keyword",
  DTS0014: "NUL byte in the text",
  // Syntax
  DTS0101: "`/dts-v1/;` missing",
  DTS0102: "headers that contradict each other",
  DTS0103: "`;` missing",
  DTS0104: "`{` missing",
  DTS0105: "`}` missing",
  DTS0106: "`}` too many",
  DTS0107: "property after a subnode",
  DTS0108: "`=` missing",
  DTS0109: "`,` missing between values",
  DTS0110: "`>` missing",
  DTS0111: "`]` missing",
  DTS0112: "`)` missing",
  DTS0113: "something else than an entry of a node",
  DTS0114: "something else than a statement",
  DTS0115: "root node missing",
  DTS0116: "label where none may stand",
  DTS0117: "reservation after a node",
  DTS0118: "reference in `/delete-node/` inside a node",
  DTS0119: "name missing",
  DTS0120: "reference missing",
  DTS0121: "label with a path in an overlay",
  // Values
  DTS0201: "value missing",
  DTS0202: "something else than a cell",
  DTS0203: "value out of range",
  DTS0204: "bad size in `/bits/`",
  DTS0205: "reference that is not in a cell of 32 bits",
  DTS0206: "something else than bytes",
  DTS0207: "division by zero",
  DTS0208: "bad expression",
  DTS0209: "bad arguments of `/incbin/`",
} as const;

/** A code of the front end. */
export type FrontEndCode = keyof typeof CODES;
