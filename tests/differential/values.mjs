// Values for arguments, input fields and variables, each as a GraphQL literal or as JSON text.
import { getNullableType, isEnumType, isInputObjectType, isListType, isNonNullType } from "graphql";

// A string literal: mostly plain, sometimes with escapes, sometimes as a block.
export function stringLiteral(random, text) {
  if (random.chance(0.06) && !/["\\\r]|^\s|\s$/.test(text)) return `"""${text}"""`;
  if (random.chance(0.1)) {
    return `"${[...text].map((character) => escaped(random, character)).join("")}"`;
  }
  return JSON.stringify(text);
}

function escaped(random, character) {
  const code = character.codePointAt(0);
  if (random.chance(0.5)) return `\\u{${code.toString(16)}}`;
  const units = character.length === 1 ? [code] : [character.charCodeAt(0), character.charCodeAt(1)];
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}

// Chooses values that fit the place. `facts` has the ids that exist.
export class Values {
  constructor(random, facts) {
    this.random = random;
    this.facts = facts;
  }

  // A plain value of a type, for the argument or input field `name` below `owner`.
  value(type, name, owner) {
    const { random } = this;
    if (isNonNullType(type)) return this.value(type.ofType, name, owner);
    if (isListType(type)) {
      if (random.chance(0.2)) return this.value(type.ofType, name, owner);
      return Array.from({ length: random.below(3) }, () => this.value(type.ofType, name, owner));
    }
    if (isEnumType(type)) return random.pick(type.getValues()).name;
    if (isInputObjectType(type)) {
      const object = {};
      for (const field of Object.values(type.getFields())) {
        const optional = !isNonNullType(field.type) || field.defaultValue !== undefined;
        if (optional && random.chance(0.5)) continue;
        object[field.name] = this.value(field.type, field.name, type.name);
      }
      return object;
    }
    switch (type.name) {
      case "Boolean":
        return random.chance(0.5);
      case "Int":
        return random.pick([0, 1, 1, 2, 2, 3, 20, 100, 101, 2147483647]);
      case "ID":
        return random.chance(0.15) ? random.pick([7, 0, -3]) : random.pick(this.facts.ids);
      default:
        return this.string(name, owner);
    }
  }

  string(name, owner) {
    const { random, facts } = this;
    if (name === "after") return random.pick([...facts.ids, "", "junk"]);
    if (name === "search") return random.pick(["", "a", "AL", "alice", "zz"]);
    if (name === "name") return random.pick(facts.typeNames);
    if (name === "username" && owner === "user") return random.pick(["alice", "ALICE", "admin", "nobody"]);
    if (name === "username") return random.pick(["nobody", "", "no\u{1F600}body"]);
    return random.pick(["wrong password", "\u{1F600}", "", "x"]);
  }

  // A literal for a value, in one of its spellings.
  literal(type, value) {
    const { random } = this;
    if (value === null) return "null";
    const bare = getNullableType(type);
    if (Array.isArray(value)) return `[${value.map((item) => this.literal(bare.ofType, item)).join(", ")}]`;
    if (isListType(bare)) return this.literal(bare.ofType, value);
    if (isInputObjectType(bare)) {
      const fields = Object.entries(value);
      if (random.chance(0.3)) fields.reverse();
      const literals = fields.map(([name, part]) => `${name}: ${this.literal(bare.getFields()[name].type, part)}`);
      return `{${literals.join(", ")}}`;
    }
    if (isEnumType(bare)) return value;
    return typeof value === "string" ? stringLiteral(random, value) : String(value);
  }

  // JSON text for a value: an integer may be written with a fraction or an exponent.
  json(value) {
    const { random } = this;
    if (Array.isArray(value)) return `[${value.map((item) => this.json(item)).join(",")}]`;
    if (Number.isInteger(value)) return random.pick([`${value}`, `${value}`, `${value}.0`, `${value}e0`, value === 0 ? "0" : `${value}0e-1`]);
    if (value !== null && typeof value === "object") {
      return `{${Object.entries(value).map(([name, part]) => `${JSON.stringify(name)}:${this.json(part)}`).join(",")}}`;
    }
    return JSON.stringify(value);
  }
}
