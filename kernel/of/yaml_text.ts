/** Lines longer than this go on in the next one where they can. */
const WIDTH = 80;
const INDENT = 2;
/** What a plain scalar in a block must not start with. */
const INDICATOR = /^(---|\.\.\.|[#,[\]{}&*!|>'"%@`]|-$|[?:]$)|:$/;
const ESCAPES: Readonly<Record<string, string>> = {
  ...{ "\0": "0", "\x07": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f" },
  ...{ "\r": "r", "\x1b": "e", '"': '"', "\\": "\\" },
};

/**
 * YAML text with the layout that libyaml gives it: one block sequence of one mapping, mappings in it,
 * sequences in one line until it is too long. Only what a device tree needs.
 */
export class YamlText {
  readonly #parts: string[] = [];
  #column = 0;
  /** A blank or a line end was written last. */
  #blank = true;
  #indent = 0;
  /** Whether each open sequence has no item so far. */
  readonly #first: boolean[] = [];

  #write(text: string): void {
    this.#parts.push(text);
    this.#column += text.length;
    this.#blank = text.endsWith(" ");
  }

  #newLine(): void {
    const indent = " ".repeat(this.#indent);
    this.#parts.push("\n", indent);
    this.#column = this.#indent;
    this.#blank = true;
  }

  #separate(): void {
    if (!this.#blank) this.#write(" ");
  }

  /** Starts the document. */
  begin(): void {
    this.#write("---");
    this.#newLine();
    this.#write("-");
  }

  /** Ends the document; gives the text. */
  end(): string {
    return `${this.#parts.join("")}\n...\n`;
  }

  /** Opens a mapping, whose keys come next. */
  enterMapping(empty: boolean): void {
    if (empty) {
      this.#separate();
      this.#write("{}");
    }
    this.#indent += INDENT;
  }

  /** Closes the innermost mapping. */
  leaveMapping(): void {
    this.#indent -= INDENT;
  }

  /** A key, in single quotes where it could be taken for something else; the tag is written then. */
  key(name: string, tag: string): void {
    // The first key of all stands in the line of the sequence's dash.
    if (this.#column === 1 && this.#parts.at(-1) === "-") this.#separate();
    else this.#newLine();
    const plain = !INDICATOR.test(name) && /^[\x21-\x7e]+$/.test(name);
    this.#write(`${plain ? name : `${tag}'${name.replaceAll("'", "''")}'`}:`);
  }

  /** A scalar without quotes. */
  plain(text: string): void {
    this.#separate();
    this.#write(text);
  }

  /** A tag of what comes next. */
  tag(tag: string): void {
    this.#separate();
    this.#write(tag);
  }

  /** Opens a sequence in brackets. */
  openSequence(): void {
    this.#separate();
    this.#write("[");
    this.#blank = true;
    this.#indent += INDENT;
    this.#first.push(true);
  }

  /** To be called before each item of a sequence. */
  nextItem(): void {
    const last = this.#first.length - 1;
    if (!this.#first[last]) this.#write(",");
    this.#first[last] = false;
    if (this.#column > WIDTH) this.#newLine();
  }

  /** Closes the innermost sequence. */
  closeSequence(): void {
    this.#first.pop();
    this.#indent -= INDENT;
    this.#write("]");
  }

  /** Text in double quotes, which goes on in the next line at a blank when it is too long. */
  quoted(text: string): void {
    this.#separate();
    this.#write('"');
    this.#indent += INDENT;
    let afterBlank = false;
    for (let at = 0; at < text.length; at++) {
      const isBlank = text[at] === " ";
      const inside = at > 0 && at < text.length - 1;
      if (isBlank && !afterBlank && inside && this.#column > WIDTH) {
        this.#newLine();
        if (text[at + 1] === " ") this.#write("\\");
      } else this.#write(escaped(text[at]));
      afterBlank = isBlank;
    }
    this.#indent -= INDENT;
    this.#write('"');
  }
}

function escaped(character: string): string {
  const letter = ESCAPES[character];
  if (letter !== undefined) return `\\${letter}`;
  if (character >= " " && character <= "~") return character;
  return `\\x${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}
