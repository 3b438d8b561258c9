// JSON whose numbers keep their text, and whose objects have no key twice.

// A number whose text JavaScript would change, like 1.10 or one of 23 digits.
export class RawNumber {
  constructor(text) {
    this.text = text;
  }
}

// Returns the number of a text: a `RawNumber` only where JavaScript's own number has another text.
export function number(text) {
  const value = Number(text);
  return String(value) === text ? value : new RawNumber(text);
}

const TOKEN = /[\t\n\r ]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null))/y;
const WORDS = { true: true, false: false, null: null };

export function read(text) {
  let at = 0;
  let token;
  const next = () => {
    TOKEN.lastIndex = at;
    token = TOKEN.exec(text);
    if (!token) throw new Error(`no JSON at ${at}: ${text.slice(at, at + 60)}`);
    at = TOKEN.lastIndex;
  };
  const value = () => {
    const [, mark, string, digits, word] = token;
    if (string !== undefined) return JSON.parse(string);
    if (digits !== undefined) return number(digits);
    if (word !== undefined) return WORDS[word];
    if (mark === "[") return list("]", () => value());
    if (mark === "{") return object();
    throw new Error(`unexpected ${mark} before ${at}`);
  };
  const list = (end, item) => {
    const items = [];
    for (next(); token[1] !== end; next()) {
      if (items.length > 0) {
        if (token[1] !== ",") throw new Error(`no comma before ${at}`);
        next();
      }
      items.push(item());
    }
    return items;
  };
  const object = () => {
    const result = {};
    list("}", () => {
      const key = value();
      if (typeof key !== "string" || Object.hasOwn(result, key)) throw new Error(`the key ${key} is no string, or is there twice`);
      next();
      if (token[1] !== ":") throw new Error(`no colon before ${at}`);
      next();
      Object.defineProperty(result, key, { value: value(), enumerable: true, configurable: true, writable: true });
    });
    return result;
  };
  next();
  const result = value();
  if (text.slice(at).trim() !== "") throw new Error(`more after the end: ${text.slice(at, at + 60)}`);
  return result;
}

// Returns the text of a value, with its keys in their order.
export function print(value) {
  if (value instanceof RawNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map((item) => print(item ?? null)).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${print(member)}`).join(",")}}`;
  }
  return JSON.stringify(value ?? null);
}
