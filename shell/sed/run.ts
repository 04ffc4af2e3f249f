/**
 * Runs a `sed` script.
 *
 * POSIX.1-2017, sed
 *
 * @module
 */
import { replaceMatches } from "../applets/regex.ts";
import type { Address, SedCommand, Substitution } from "./parse.ts";
import { SedSyntaxError } from "./parse.ts";

/** What a script needs from outside. */
export interface SedHost {
  /** Prints. */
  out(text: string): Promise<undefined>;
  /** What a file holds; nothing when it cannot be read. */
  read(path: string): Promise<string>;
  /** Adds to a file that the script writes. */
  write(path: string, text: string): Promise<undefined>;
}

/** Where a script goes on: with the next line, at its start with the same text, or nowhere. */
type Step = "on" | "next" | "restart" | "quit";

/** One run over the lines of some files. */
export class SedRun {
  /** The pattern space. */
  #space = "";
  #hold = "";
  #line = 0;
  #at = 0;
  /** Something was replaced since the line was read, or since the last `t`. */
  #replaced = false;
  #appended: (() => Promise<undefined>)[] = [];
  #lastRegex: RegExp | undefined;
  /** Ends of the ranges that are open: a line's number, or an expression's turn. */
  readonly #ranges = new Map<SedCommand, number>();

  constructor(
    readonly commands: readonly SedCommand[],
    readonly lines: readonly string[],
    readonly quiet: boolean,
    readonly host: SedHost,
    /** The last line has a line end. */
    readonly complete: boolean,
  ) {}

  /** Runs for every line. */
  async run(): Promise<undefined> {
    while (this.#read()) {
      this.#replaced = false;
      let step: Step;
      do step = await this.#list(this.commands); while (step === "restart");
      if (step !== "next" && !this.quiet) await this.#print(this.#space);
      await this.#flush();
      if (step === "quit") return;
    }
  }

  #read(): boolean {
    if (this.#at >= this.lines.length) return false;
    this.#space = this.lines[this.#at++];
    this.#line++;
    return true;
  }

  get #last(): boolean {
    return this.#at >= this.lines.length;
  }

  /** The line end that the last line has not got, in case something follows. */
  #owed = "";

  async #out(text: string): Promise<undefined> {
    await this.host.out(this.#owed + text);
    this.#owed = "";
  }

  async #print(text: string): Promise<undefined> {
    const whole = !this.#last || this.complete;
    await this.#out(whole ? `${text}\n` : text);
    if (!whole) this.#owed = "\n";
  }

  async #flush(): Promise<undefined> {
    const appended = this.#appended;
    this.#appended = [];
    for (const print of appended) await print();
  }

  #matches(regex: RegExp | undefined): boolean {
    return this.#exec(regex).test(this.#space);
  }

  /** The expression, or the last one used. */
  #exec(regex: RegExp | undefined): RegExp {
    const used = regex ?? this.#lastRegex;
    if (used === undefined) throw new SedSyntaxError("no previous regexp");
    this.#lastRegex = used;
    used.lastIndex = 0;
    return used;
  }

  #fits(address: Address): boolean {
    switch (address.type) {
      case "line":
        return this.#line === address.line;
      case "last":
        return this.#last;
      case "regex":
        return this.#matches(address.regex);
      case "further":
        return false;
    }
  }

  #selected(command: SedCommand): boolean {
    const { from, to } = command;
    if (from === undefined) return true;
    if (to === undefined) return this.#fits(from);
    const end = this.#ranges.get(command);
    if (end !== undefined) {
      const done = to.type === "regex" ? this.#matches(to.regex) : this.#line >= end;
      if (done || (to.type === "last" && this.#last)) this.#ranges.delete(command);
      // A range that ends before this line is one line long.
      return to.type !== "line" || this.#line <= end;
    }
    const fromStart = from.type === "line" && from.line === 0 && this.#line === 1;
    if (!fromStart && !this.#fits(from)) return false;
    if (fromStart && to.type === "regex" && this.#matches(to.regex)) return true;
    const last = to.type === "line"
      ? to.line
      : to.type === "further"
      ? this.#line + to.lines
      : Infinity;
    if (last > this.#line && !(to.type === "last" && this.#last)) this.#ranges.set(command, last);
    return true;
  }

  async #list(commands: readonly SedCommand[]): Promise<Step> {
    for (let at = 0; at < commands.length; at++) {
      const command = commands[at];
      if (this.#selected(command) === command.negated) continue;
      if ("btT".includes(command.name)) {
        if (!this.#jumps(command.name)) continue;
        const step = this.#label(command.text);
        if (step === undefined) return "on";
        return await this.#list(step);
      }
      const step = command.name === "{" ? await this.#list(command.body) : await this.#one(command);
      if (step !== "on") return step;
      if (command.name === "{" && this.#jumped) return "on";
    }
    return "on";
  }

  /** A jump out of a group has run what follows already. */
  #jumped = false;

  #jumps(name: string): boolean {
    const replaced = this.#replaced;
    if (name !== "b") this.#replaced = false;
    this.#jumped = name === "b" || replaced === (name === "t");
    return this.#jumped;
  }

  /** The commands behind a label; `undefined`: the end. */
  #label(label: string): readonly SedCommand[] | undefined {
    if (label === "") return undefined;
    const at = this.commands.findIndex(({ name, text }) => name === ":" && text === label);
    if (at < 0) throw new SedSyntaxError(`can't find label for jump to '${label}'`);
    return this.commands.slice(at + 1);
  }

  async #one(command: SedCommand): Promise<Step> {
    const { name, text } = command;
    switch (name) {
      case "=":
        await this.#out(`${this.#line}\n`);
        break;
      case "a":
        this.#appended.push(() => this.#out(`${text}\n`));
        break;
      case "i":
        await this.#out(`${text}\n`);
        break;
      case "c":
        if (command.to === undefined || !this.#ranges.has(command)) {
          await this.#out(`${text}\n`);
        }
        return "next";
      case "d":
        return "next";
      case "D": {
        const end = this.#space.indexOf("\n");
        if (end < 0) return "next";
        this.#space = this.#space.slice(end + 1);
        return "restart";
      }
      case "g":
        this.#space = this.#hold;
        break;
      case "G":
        this.#space += `\n${this.#hold}`;
        break;
      case "h":
        this.#hold = this.#space;
        break;
      case "H":
        this.#hold += `\n${this.#space}`;
        break;
      case "x":
        [this.#space, this.#hold] = [this.#hold, this.#space];
        break;
      case "n":
        if (this.#last) return "quit";
        if (!this.quiet) await this.#print(this.#space);
        await this.#flush();
        this.#read();
        break;
      case "N": {
        if (this.#last) return "quit";
        await this.#flush();
        const before = this.#space;
        this.#read();
        this.#space = `${before}\n${this.#space}`;
        break;
      }
      case "p":
        await this.#print(this.#space);
        break;
      case "P":
        await this.#out(`${this.#space.split("\n")[0]}\n`);
        break;
      case "q":
      case "Q":
        if (name === "Q") return await this.#quitSilently();
        return "quit";
      case "r":
        this.#appended.push(async () => await this.#out(await this.host.read(text)));
        break;
      case "w":
        await this.host.write(text, `${this.#space}\n`);
        break;
      case "y":
        this.#space = [...this.#space].map((char) => command.map?.get(char) ?? char).join("");
        break;
      case "s":
        await this.#substitute(command.substitution as Substitution);
    }
    return "on";
  }

  async #quitSilently(): Promise<Step> {
    this.#at = this.lines.length;
    return "next";
  }

  async #substitute(substitution: Substitution): Promise<undefined> {
    const { replacement, all, which, print, file } = substitution;
    let replaced = false;
    this.#space = replaceMatches(this.#space, this.#exec(substitution.regex), (match, number) => {
      if (!all && number !== which) return undefined;
      replaced = true;
      return replacement.map((part) => typeof part === "string" ? part : match[part] ?? "").join(
        "",
      );
    });
    if (!replaced) return;
    this.#replaced = true;
    if (print) await this.#print(this.#space);
    if (file !== undefined) await this.host.write(file, `${this.#space}\n`);
  }
}
