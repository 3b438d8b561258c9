// The tokens of a document, and other spellings of the same tokens.
import { Lexer, Source, TokenKind } from "graphql";

// The texts of a document's tokens; `undefined` when it has an invalid one.
export function tokens(text) {
  const lexer = new Lexer(new Source(text));
  const found = [];
  try {
    for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
      found.push({ kind: token.kind, text: text.slice(token.start, token.end) });
    }
  } catch {
    return undefined;
  }
  return found;
}

const WORD = /^[\w"]/;

// The tokens as a document. Two that would run together are kept apart.
export function joined(texts) {
  return texts.join(" ");
}

// The same tokens, apart by whatever the language ignores.
export function respelled(random, text) {
  const texts = tokens(text).map((token) => token.text);
  if (random.chance(0.6)) return texts.join(" ");
  let spelled = random.chance(0.05) ? "\uFEFF" : "";
  const compact = random.chance(0.4);
  texts.forEach((token, at) => {
    const next = texts[at + 1] ?? "";
    spelled += token;
    const apart = (/[\w"]$/.test(token) && WORD.test(next)) || (/^[\d-]/.test(token) && /^[\w.]/.test(next));
    if (compact && !apart) return;
    spelled += random.pick([" ", "\n", "\t", "\r\n", "\r", ",", " , ", "# a } \" comment\n", "#\u{1F600}\n", "  "]);
  });
  return spelled;
}
