/**
 * Random device tree source: whole files with every form of value, label, reference, deletion, merge and
 * overlay, mostly without an error, and the same files with something changed.
 *
 * @module
 */
import fc from "fast-check";

/** A file and the options that it is compiled with. */
export interface GeneratedCase<Source extends string | Uint8Array = string | Uint8Array> {
  /** The text, or a blob. */
  readonly source: Source;
  /** Words for the command line. */
  readonly options: readonly string[];
}

const NODE_NAMES = ["a", "b", "c@1", "d@1,0", "cpus", "cpu@3", "n-1", "e_f", "aliases", "N"];
const PROPERTY_NAMES = [
  "p",
  "q",
  "reg",
  "xreg",
  "x,y-names",
  "#cells",
  "a?b",

  "status",
  "r+",
];
/** Labels that some nodes carry, and one that none does. */
const LABELS = ["la", "lb", "lc", "_d", "L5"];
const UNKNOWN_LABEL = "nobody";

const words = (...list: string[]) => fc.constantFrom(...list);
const text = (parts: fc.Arbitrary<string>[], between = "") =>
  fc.tuple(...parts).map((list) => list.join(between));
/** Mostly the first, now and then the second. */
const seldom = (usual: fc.Arbitrary<string>, rare: fc.Arbitrary<string>, weight = 30) =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: rare });
const list = (item: fc.Arbitrary<string>, maxLength: number, between = " ") =>
  fc.array(item, { maxLength }).map((items) => items.join(between));

const NUMBER = fc.oneof(
  fc.integer({ min: 0, max: 300 }).map(String),
  fc.nat({ max: 0xffffffff }).map((value) => `0x${value.toString(16)}`),
  fc.nat({ max: 4095 }).map((value) => `0${value.toString(8)}`),
  words("1U", "0x2UL", "3LL", "4ULL", "0", "00", "0XfF", "'a'", "'\\n'", "'\\x7f'", "'\\''"),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(String),
);

const EXPRESSION = fc.letrec<{ expression: string; operand: string }>((tie) => ({
  operand: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    NUMBER,
    NUMBER,
    tie("expression").map((inner) => `(${inner})`),
    text([words("-", "~", "!", "- "), tie("operand")]),
  ),
  expression: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    tie("operand"),
    text([
      tie("operand"),
      words("+", "-", "*", "|", "&", "^", "&&", "||", "==", "!=", "<", "<=", ">", ">=", "<<", ">>"),
      tie("operand"),
    ], " "),
    text([tie("operand"), words("/", "%"), words("1", "7", "(0 - 1)", "0x10")], " "),
    text([tie("operand"), words("?"), tie("operand"), words(":"), tie("operand")], " "),
    text([
      tie("operand"),
      words(" + ", " * ", " >> "),
      tie("operand"),
      words(" - ", " & "),
      NUMBER,
    ]),
  ),
})).expression;

/** A number that fits in so many bits, but for a few. */
function number(bits: number): fc.Arbitrary<string> {
  const fits = EXPRESSION.map((inner) => `((${inner}) & 0x${"f".repeat(bits / 4)})`);
  const small = fc.nat({ max: 127 }).map(String);
  const any = EXPRESSION.map((inner) => `(${inner})`);
  if (bits === 64) return fc.oneof(small, any);
  return seldom(
    fc.oneof({ weight: 2, arbitrary: small }, { weight: 1, arbitrary: fits }),
    any,
    200,
  );
}

const LABEL_REF = words(...LABELS).map((label) => `&${label}`);
const PATH = list(words(...NODE_NAMES), 2, "/").map((path) => `&{/${path}}`);
const REFERENCE = seldom(
  LABEL_REF,
  fc.oneof(PATH, words(`&${UNKNOWN_LABEL}`)),
  60,
);
const STRING = list(
  words(
    "a",
    "b",
    "text",
    " ",
    "é",
    "\\n",
    '\\"',
    "\\\\",
    "\\0",
    "\\x41",
    "\\101",
    "\\q",
    "//",
    "\n",
    ";",
  ),
  4,
  "",
).map((inner) => `"${inner}"`);
const CELL = fc.oneof(
  { weight: 3, arbitrary: number(32) },
  { weight: 1, arbitrary: REFERENCE },
);
const VALUE = fc.oneof(
  { weight: 4, arbitrary: list(CELL, 4).map((cells) => `<${cells}>`) },
  { weight: 1, arbitrary: list(number(8), 3).map((cells) => `/bits/ 8 <${cells}>`) },
  { weight: 1, arbitrary: list(number(16), 3).map((cells) => `/bits/ 16 <${cells}>`) },
  { weight: 1, arbitrary: list(number(64), 3).map((cells) => `/bits/ 64 <${cells}>`) },
  { weight: 3, arbitrary: STRING },
  { weight: 1, arbitrary: list(words("00", "0a", "Ff", "7e 7f"), 4, "").map((hex) => `[${hex}]`) },
  { weight: 1, arbitrary: REFERENCE },
);

/** A place for a label, which is filled in when the text is whole: no two may be the same. */
const LABEL_MARK = "\u0001";
const MARKS = fc.oneof(
  { weight: 12, arbitrary: fc.constant("") },
  { weight: 2, arbitrary: fc.constant(`${LABEL_MARK}: `) },
  { weight: 1, arbitrary: fc.constant(`${LABEL_MARK}: ${LABEL_MARK}: `) },
);

const VALUES = fc.array(text([MARKS, VALUE, MARKS.map((marks) => ` ${marks}`)]), {
  minLength: 1,
  maxLength: 3,
}).map((items) => items.join(", "));
const PHANDLE = fc.oneof(
  fc.integer({ min: 1, max: 6 }).map((value) => `phandle = <${value}>;`),
  fc.integer({ min: 1, max: 6 }).map((value) => `linux,phandle = <${value}>;`),
);

function property(name: string): fc.Arbitrary<string> {
  const assigned = VALUES.map((values) => `${name} = ${values};`);
  const deleted = fc.constant(`/delete-property/ ${name};`);
  return text([
    MARKS,
    fc.oneof({ weight: 6, arbitrary: assigned }, { weight: 2, arbitrary: words(`${name};`) }),
  ]).chain((plain) =>
    fc.oneof({ weight: 12, arbitrary: fc.constant(plain) }, { weight: 1, arbitrary: deleted })
  );
}

const unique = (names: readonly string[], maxLength: number) =>
  fc.uniqueArray(words(...names), { maxLength });

function each(names: fc.Arbitrary<string[]>, item: (name: string) => fc.Arbitrary<string>) {
  return names.chain((list) => text(list.map(item), " "));
}

function body(depth: number): fc.Arbitrary<string> {
  const properties = each(unique(PROPERTY_NAMES, 3), property);
  const phandle = seldom(fc.constant(""), PHANDLE, 25);
  const children = depth === 0
    ? fc.constant("")
    : each(unique(NODE_NAMES, 3), (name) => node(name, depth - 1));
  return text([properties, phandle, children], " ").map((inner) => `{ ${inner} };\n`);
}

function node(name: string, depth: number): fc.Arbitrary<string> {
  const omit = seldom(fc.constant(""), fc.constant("/omit-if-no-ref/ "), 12);
  const whole = text([MARKS, omit, fc.constant(`${name} `), body(depth)]);
  return seldom(whole, fc.constant(`/delete-node/ ${name};`), 25);
}

/** Paths that are there mostly, since the labels start with these nodes. */
const KNOWN_PATH = fc.nat({ max: LABELS.length - 1 }).map((index) => `&{/${NODE_NAMES[index]}}`);
const TARGET = seldom(
  fc.oneof({ weight: 8, arbitrary: LABEL_REF }, { weight: 3, arbitrary: KNOWN_PATH }, {
    weight: 1,
    arbitrary: fc.constant("&{/}"),
  }),
  fc.oneof(PATH, fc.constant(`&${UNKNOWN_LABEL}`)),
  40,
);
const STATEMENT = fc.oneof(
  { weight: 4, arbitrary: text([fc.constant("/ "), body(2)]) },
  { weight: 5, arbitrary: text([TARGET, fc.constant(" "), body(1)]) },
  {
    weight: 1,
    arbitrary: text([fc.constant(`${LABEL_MARK}: `), TARGET, fc.constant(" "), body(1)]),
  },
  {
    weight: 1,
    arbitrary: words("&{/d@1,0/a}", "&{/N}", "&la").map((target) => `/delete-node/ ${target};\n`),
  },
  { weight: 1, arbitrary: TARGET.map((target) => `/omit-if-no-ref/ ${target};\n`) },
);
const RESERVE = text([
  MARKS,
  words("/memreserve/ "),
  number(64),
  words(" "),
  number(64),
  words(";\n"),
]);
const HEADER = fc.oneof(
  { weight: 3, arbitrary: fc.constant("/dts-v1/;\n") },
  { weight: 1, arbitrary: fc.constant("/dts-v1/;\n/plugin/;\n") },
);
/** A first block with the labels that the others refer to. */
const FIRST = fc.tuple(...LABELS.map(() => body(1)), body(2)).map((bodies) => {
  const labelled = LABELS.map((label, index) => `${label}: ${NODE_NAMES[index]} ${bodies[index]}`);
  return `/ { ${labelled.join("")} };\n/ ${bodies[LABELS.length]}`;
});

const OPTION = words(
  "-@",
  "-A",
  "-s",
  "-S 2000",
  "-p 30",
  "-R 2",
  "-b 3",
  "-a 16",
  "-H both",
  "-H legacy",
  "-V 16",
  "-V 3",
  "-V 1",
  "-f",
  "-O dts",
  "-O asm",
);

/** Files that are right for the most part. */
export const SOURCES: fc.Arbitrary<GeneratedCase<string>> = fc.tuple(
  text([HEADER, list(RESERVE, 2, ""), seldom(FIRST, STATEMENT, 8), list(STATEMENT, 4, "")]),
  fc.array(OPTION, { maxLength: 2 }),
).map(([source, options]) => ({
  source: fillLabels(source),
  options: options.flatMap((option) => option.split(" ")),
}));

function fillLabels(source: string): string {
  let count = 0;
  return source.replaceAll(LABEL_MARK, () => `x${count++}`);
}

const TOKENS = /"(?:[^"\\]|\\.)*"|\/[a-z-]+\/|[\w,.+?#-]+|\s+|[^]/g;
const INSERTIONS = [
  "{",
  "}",
  ";",
  "<",
  ">",
  "(",
  ")",
  "=",
  ",",
  "&",
  ":",
  "/",
  "\\",
  '"',
  "'",
  "[",
  "]",
  "0",
  "x",
]
  .concat([
    "la:",
    "&la",
    "&{/a}",
    "\n",
    "/*",
    "*/",
    "//",
    "1",
    'name = "a";',
    "phandle = <1>;",
    "/bits/ 8",
  ])
  .concat([
    "/delete-node/",
    "/delete-property/",
    "/omit-if-no-ref/",
    "/plugin/;",
    "/dts-v1/;",
    "#",
    "@",
  ]);

/** The same with a few tokens removed, doubled, exchanged or put in. */
export const MUTANTS: fc.Arbitrary<GeneratedCase<string>> = fc.tuple(
  SOURCES,
  fc.array(
    fc.tuple(fc.nat({ max: 3 }), fc.nat(), fc.nat(), fc.constantFrom(...INSERTIONS)),
    { minLength: 1, maxLength: 3 },
  ),
).map(([{ source, options }, changes]) => {
  const tokens = source.match(TOKENS) ?? [];
  for (const [kind, at, to, word] of changes) {
    const index = at % (tokens.length + 1);
    if (kind === 0) tokens.splice(index, 1);
    else if (kind === 1) tokens.splice(index, 0, tokens[to % tokens.length] ?? "");
    else if (kind === 2) tokens.splice(index, 0, word);
    else tokens.splice(index, 1, tokens[to % tokens.length] ?? "");
  }
  return { source: tokens.join(""), options };
});
