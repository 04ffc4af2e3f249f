import type { Diagnostics } from "../diagnostic.ts";
import type { Span } from "../source.ts";
import type { Macro } from "./macro.ts";
import { PASTE, PP, type PpToken, STRINGIFY, WHITE } from "./pp_token.ts";
import type { Reader } from "./reader.ts";

/** Reads what stands behind `#define`; a diagnostic and `undefined` if that is no macro. */
export function parseDefine(
  reader: Reader,
  span: Span,
  diagnostics: Diagnostics,
): Macro | undefined {
  const error = (code: string, at: Span, message: string) => {
    diagnostics.error(code, at, message);
    return undefined;
  };
  const name = reader.lineToken();
  if (name.kind !== PP.NAME || name.text === "defined") {
    return error("DTS0501", span, "expected a name after `#define`");
  }
  const definedAt = { start: name.start, end: name.start + name.text.length };
  const funLike = reader.bytes[reader.at] === 0x28;
  const parameters = funLike ? readParameters(reader) : undefined;
  if (typeof parameters === "string") return error("DTS0511", definedAt, parameters);
  const body = readBody(reader.lineTokens(), parameters?.names, parameters?.variadic ?? false);
  if (typeof body === "string") return error("DTS0512", definedAt, body);
  return {
    name: name.text,
    parameters: parameters?.names,
    variadic: parameters?.variadic ?? false,
    body,
    definedAt,
    builtin: undefined,
    disabled: false,
  };
}

/** Names between parentheses, or what is wrong with them. */
function readParameters(reader: Reader): { names: string[]; variadic: boolean } | string {
  reader.at++;
  const names: string[] = [];
  let token = reader.lineToken();
  if (token.text === ")") return { names, variadic: false };
  for (;;) {
    let variadic = false;
    if (token.text === "...") {
      names.push("__VA_ARGS__");
      variadic = true;
    } else if (token.kind !== PP.NAME) return "expected the name of a parameter";
    else if (names.includes(token.text)) return `expected another name, \`${token.text}\` is taken`;
    else names.push(token.text);
    token = reader.lineToken();
    if (!variadic && token.text === "...") {
      variadic = true;
      token = reader.lineToken();
    }
    if (token.text === ")") return { names, variadic };
    if (token.text !== "," || variadic) return "expected `,` or `)` between parameters";
    token = reader.lineToken();
  }
}

/** The body with parameters, `#` and `##` understood, or what is wrong with it. */
function readBody(
  tokens: PpToken[],
  names: readonly string[] | undefined,
  variadic: boolean,
): PpToken[] | string {
  const body: PpToken[] = [];
  const end = "expected a token on both sides of `##`";
  let optional = -1;
  let depth = 0;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    const parameter = token.kind === PP.NAME ? names?.indexOf(token.text) ?? -1 : -1;
    if (token.text === "##" && token.kind === PP.PUNCTUATOR) {
      const last = body.at(-1);
      if (last === undefined || at === tokens.length - 1) return end;
      last.flags |= PASTE;
    } else if (token.text === "#" && token.kind === PP.PUNCTUATOR && names !== undefined) {
      const next = tokens[at + 1];
      const index = next?.kind === PP.NAME ? names.indexOf(next.text) : -1;
      // GCC lets assembler source have a `#` that is no operator.
      if (index < 0) body.push(token);
      else {
        body.push({
          ...next,
          kind: PP.PARAMETER,
          parameter: index,
          flags: STRINGIFY | token.flags & WHITE,
        });
        at++;
      }
    } else if (parameter >= 0) body.push({ ...token, kind: PP.PARAMETER, parameter });
    else if (variadic && token.text === "__VA_OPT__" && tokens[at + 1]?.text === "(") {
      body.push({ ...token, kind: PP.VA_OPT });
      optional = depth;
      at++;
    } else if (optional >= 0 && token.text === ")" && depth === optional) {
      body.push({ ...token, kind: PP.VA_OPT_END });
      optional = -1;
    } else {
      if (token.text === "(") depth++;
      if (token.text === ")") depth--;
      body.push(token);
    }
  }
  if (body.length > 0) body[0].flags &= ~WHITE;
  return body;
}
