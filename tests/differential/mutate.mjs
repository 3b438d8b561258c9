// Changes valid requests at random: most become invalid, in one of many ways; some stay valid.
import { TokenKind } from "graphql";

import { tokens } from "./spelling.mjs";

const PUNCTUATION = ["!", "$", "&", "(", ")", "...", ":", "=", "@", "[", "]", "{", "|", "}"];
const NUMBERS = ["007", "1.e3", "1a", "0x1", "-0", "00", "-", "+1", ".5", "1.", "1e", "1.0", "10.0", "1e1", "-1.5E-3", "2147483648", "-2147483648", "-2147483649", "9007199254740993", "1_000", "1e1000", "0", "7"];
const STRINGS = [
  String.raw`"\u{1F600}"`, String.raw`"\ud83d\ude00"`, String.raw`"\ud83d"`, String.raw`"\ude00\ud83d"`, String.raw`"\u{110000}"`, String.raw`"\u{}"`, String.raw`"\u{D800}"`,
  String.raw`"\u00"`, String.raw`"\x41"`, String.raw`"\u{000000041}"`, String.raw`"\n\t\b\f\r\/\\\""`, '"', '""', '"""', '""""""', '"""a\n   b\n  c"""', String.raw`"""\""" \u0041"""`, '"a\nb"', '"\t"', '"\u0007"', '"""\u0007"""', String.raw`"\U0041"`, "'a'", '"#"', '"\u{1F600}"', '"\u2028"',
];
const WORDS = ["true", "false", "null", "on", "query", "mutation", "subscription", "fragment", "type", "extend", "input", "schema", "directive", "repeatable", "implements", "__typename", "__schema", "Nope", "nope", "_", "é", "a-b", "if"];
const CHARACTERS = ["\uFEFF", "\u0000", "\u0007", "\u00a0", "\u200b", "\u2028", "\v", "\f", "\u{1F600}", "%", "?", "\\", "'", "`", ";", "~", "^", "*", "#", "\r", "\n", ",", '"', ".", "..", "&", "|", "-", "0"];
const JSON_VALUES = ["null", "true", "false", "0", "-0", "1", "1.0", "1e1", "10.0", "1.5", "-1", "2147483648", "9007199254740993", '""', '"1"', '"true"', '"a"', "[]", "[1]", "[null]", '["a"]', "[[]]", "{}", '{"a":1}', '{"username":"nobody","password":"x"}', '{"id":"x"}', '{"id":7.0}'];

export class Mutator {
  constructor(random, names, donor) {
    this.random = random;
    this.names = names;
    // Returns another valid document.
    this.donor = donor;
  }

  mutate(request) {
    const { random } = this;
    let mutated = request;
    const times = random.pick([1, 1, 1, 2, 2, 3]);
    for (let time = 0; time < times; time += 1) mutated = this.#once(mutated);
    return mutated;
  }

  #once(request) {
    const { random } = this;
    const choice = random.next();
    if (choice < 0.22) return { ...request, variables: this.#variables(request.variables) };
    if (choice < 0.26) return { ...request, operationName: random.pick([undefined, "", "Op1", "Op2", "Nope", "op1"]) };
    if (choice < 0.32) return { ...request, query: this.#characters(request.query) };
    if (choice < 0.58) return { ...request, query: this.#structure(request.query) };
    const found = tokens(request.query);
    if (!found || found.length === 0) return { ...request, query: this.#characters(request.query) };
    return { ...request, query: this.#tokens(found).join(" ") };
  }

  #tokens(found) {
    const { random } = this;
    const texts = found.map((token) => token.text);
    const at = random.below(texts.length);
    const ofKind = (...kinds) => {
      const places = found.flatMap((token, place) => (kinds.includes(token.kind) ? [place] : []));
      return places.length > 0 ? random.pick(places) : undefined;
    };
    switch (random.below(12)) {
      case 0:
        texts.splice(at, 1);
        break;
      case 1:
        texts.splice(at, 0, texts[at]);
        break;
      case 2:
        [texts[at], texts[at + 1]] = [texts[at + 1] ?? "", texts[at]];
        break;
      case 3:
        texts.splice(at, 0, this.#token());
        break;
      case 4:
        texts[at] = this.#token();
        break;
      case 5: {
        const donor = (tokens(this.donor()) ?? []).map((token) => token.text);
        const from = random.below(donor.length);
        texts.splice(at, random.below(4), ...donor.slice(from, from + 1 + random.below(8)));
        break;
      }
      case 6:
        texts.splice(at, 1 + random.below(6));
        break;
      case 7: {
        const place = ofKind(TokenKind.INT, TokenKind.FLOAT, TokenKind.STRING, TokenKind.BLOCK_STRING);
        if (place !== undefined) texts[place] = this.#value();
        else texts[at] = this.#value();
        break;
      }
      case 8: {
        // The type of a variable, or its name.
        const places = found.flatMap((token, place) => (token.kind === TokenKind.DOLLAR && found[place + 2]?.kind === TokenKind.COLON ? [place] : []));
        if (places.length === 0) break;
        const place = random.pick(places);
        const type = texts[place + 3];
        texts[place + 3] = random.pick([`${type}!`, `[${type}]`, `[${type}!]!`, "String", "ID", "Int!", "Boolean", "LoginInput", "User", "[ID", `${type}!!`, "Nope"]);
        if (random.chance(0.5) && texts[place + 4] === "!") texts.splice(place + 4, 1);
        break;
      }
      default: {
        const place = ofKind(TokenKind.NAME);
        if (place !== undefined) texts[place] = random.pick(random.chance(0.8) ? this.names : WORDS);
      }
    }
    return texts;
  }

  #token() {
    const { random } = this;
    return random.pick([() => random.pick(PUNCTUATION), () => random.pick(this.names), () => this.#value(), () => random.pick(WORDS)])();
  }

  #value() {
    const { random } = this;
    return random.pick([random.pick(NUMBERS), random.pick(STRINGS), random.pick(WORDS), "[]", "{}", "[1, $x]", "{a: 1}", "$x", "$nope", "ENUM", '"a"', "{id: $x}", '{username: "nobody", password: "x", rememberMe: null}']);
  }

  #characters(text) {
    const { random } = this;
    const characters = [...text];
    const at = random.below(characters.length + 1);
    const strange = random.pick(CHARACTERS);
    characters.splice(at, random.chance(0.5) ? 1 : 0, ...(random.chance(0.7) ? [strange] : []));
    return characters.join("");
  }

  // A change that a rule of validation is about.
  #structure(text) {
    const { random, names } = this;
    const inside = (added) => {
      const places = [...text.matchAll(/\{/g)].map((match) => match.index + 1);
      const at = places.length > 0 ? random.pick(places) : 0;
      return `${text.slice(0, at)} ${added} ${text.slice(at)}`;
    };
    const name = random.pick(names);
    const leaf = random.pick(["id", "username", "createdAt", "roles", "message", "code", "hasNextPage", "cursor", "__typename", "loggedOut"]);
    return random.pick([
      () => inside(`a: ${leaf}`),
      () => inside(`${random.pick(["id", "username", "createdAt", "field"])}: ${leaf}`),
      () => inside(`b: ${name} a: ${leaf}`),
      () => inside(`${name} ${name}`),
      () => inside("...Nope"),
      () => inside("...Own") + ` fragment Own on ${random.pick(["User", "Query", "Node", name])} { ${leaf} ...Own }`,
      () => inside("...A") + ` fragment A on Query { ...B } fragment B on Query { ${random.pick(["...A", "__typename", "...C"])} }`,
      () => inside(`...A ... on User { ...A }`) + ` fragment A on Node { ${leaf} }`,
      () => `${text} fragment Unused on ${name} { ${leaf} }`,
      () => `${text} fragment Unused on User { id ...Unused2 } fragment Unused2 on User { id }`,
      () => inside(`... on ${name} { ${leaf} }`),
      () => inside(`... @${random.pick(["include", "skip", "deprecated", "nope", "specifiedBy", "oneOf"])}(if: ${this.#value()}) { ${leaf} }`),
      () => inside(`${leaf} @skip(if: true) @skip(if: false)`),
      () => inside(`${leaf} @include`),
      () => inside(`${leaf}(${random.pick(["a", "first", "if"])}: ${this.#value()})`),
      () => inside(`node(id: "x", id: "y") { id }`),
      () => inside(`node(id: ${this.#value()}) { id }`),
      () => inside(`sessions(first: ${this.#value()}) { pageInfo { hasNextPage } }`),
      () => inside(`${leaf} { id }`),
      () => inside("me"),
      () => inside("node(id: $x) { ... on User { username } ... on Session { username: id } }"),
      () => text.replace(/\(/, `($x: ${random.pick(["Int", "ID", "ID!", "String", "User", "[ID]", name])} ${random.pick(["", "= 1", '= "a"', "= null", "= $y"])}, `),
      () => `query Q($x: ${random.pick(["ID", "ID!", "String", "String!", "Boolean = null", "[ID!]"])}) { node(id: $x) { id } } ${text}`,
      () => `${text} ${random.pick(["{ me { id } }", "query Op1 { me { id } }", "query Other { session { id } }", "mutation Op2 { logout { loggedOut } }", "subscription S { me { id } }", "type T { a: Int }", "extend type User { a: Int }", "schema { query: Query }", "directive @a on FIELD"])}`,
      () => text.replace("mutation", random.pick(["query", "subscription", "Mutation"])),
      () => text.replace("query", random.pick(["mutation", "subscription", "querie"])),
      () => text.replace(/\bme\b/, "session"),
      () => text.replace(/\bsession\b/, "me"),
      () => text.replace(/"[^"]*"/, this.#value()),
    ])();
  }

  #variables(text) {
    const { random } = this;
    const value = random.pick(JSON_VALUES);
    const keys = [...text.matchAll(/"(\w+)":/g)].map((match) => match[1]);
    const key = keys.length > 0 && random.chance(0.85) ? random.pick(keys) : random.pick(["x", "nope"]);
    let object;
    try {
      object = JSON.parse(text);
    } catch {
      return "{}";
    }
    if (key in object || keys.length === 0 || !keys.includes(key)) {
      if (random.chance(0.25)) delete object[key];
      else object[key] = "=value";
    } else {
      // The key is inside of an input object.
      const outer = Object.values(object).find((part) => part !== null && typeof part === "object" && key in part);
      if (outer && random.chance(0.3)) delete outer[key];
      else if (outer) outer[random.chance(0.2) ? "nope" : key] = "=value";
    }
    return JSON.stringify(object).replace('"=value"', value);
  }
}
