// Which fields a generated request may select where, and with which values.
import { getNamedType, getNullableType } from "../differential/graphql.mjs";
import { Values } from "../differential/values.mjs";
import { number, RawNumber } from "./raw_json.mjs";

const NUMBERS = ["12345678901234567890123", "-98765432109876543210", "1.10", "0", "-0.0", "9007199254740993", "2.50e-7", "1E5", "7"];
const TEXTS = ["", "x", "\u{1F600}", 'say "hi" \\ ', "{ me }", "#,\t", "two\n  lines", "\u2028", "fragment F on User", "Write", "e"];
const OWN_TYPES = ["User", "Session"];
const OFTEN = ["me", "node", "session", "users"];
const WEIGHT = 3;

class MergedValues extends Values {
  value(type, name, owner) {
    const { random } = this;
    const scalar = getNullableType(type).name;
    if (scalar === "BigNumber") return number(random.pick(NUMBERS));
    if (scalar === "Float") return random.pick([0.5, 1, -2.25e10, 3, 1e-7]);
    return super.value(type, name, owner);
  }

  string(name, owner) {
    const theirs = ["text", "texts", "title", "tags"].includes(name);
    return theirs ? this.random.pick(TEXTS) : super.string(name, owner);
  }

  literal(type, value) {
    return value instanceof RawNumber ? value.text : super.literal(type, value);
  }

  json(value) {
    return value instanceof RawNumber ? value.text : super.json(value);
  }
}

// Returns the profile. A scope is whose object a selection set is of:
//
// - `` : the root
// - `own`, `own page`: the gateway's. A page must have no page inside. A user has the service's fields as well.
// - `payload`: the gateway's, in a mutation. Only queries join the service's fields.
// - `node`: an object of either
// - `theirs`: the service's. Its users have the service's fields only.
export function profile({ fields }, service) {
  const ownRoot = (parent, field) => fields[parent.name]?.includes(field.name) || field.name.startsWith("__");
  const theirsOfUser = new Set(Object.keys(service.getType("User").getFields()));
  const isPage = (field) => getNamedType(field.type).name.endsWith("Connection");
  const isJoined = (parent, field) => parent.name === "User" && !fields.User.includes(field.name);

  function scope(current, parent, field) {
    if (current === "theirs") return current;
    if (current === "" && parent.name === "Query" && field.name === "node") return "node";
    if (current === "") return ownRoot(parent, field) ? (parent.name === "Mutation" ? "payload" : isPage(field) ? "own page" : "own") : "theirs";
    if (isJoined(parent, field)) return "theirs";
    if (current === "node" && !OWN_TYPES.includes(parent.name)) return "theirs";
    if (current === "payload") return current;
    return isPage(field) || current === "own page" ? "own page" : "own";
  }

  function allows(current, parent, field) {
    if (current === "theirs") {
      return parent.name === "User" ? theirsOfUser.has(field.name) : !(parent.name === "Query" && fields.Query.includes(field.name) && field.name !== "node");
    }
    if (current === "payload" && parent.name === "User") return fields.User.includes(field.name) && !isPage(field);
    return !(current === "own page" && isPage(field));
  }

  // More users, and more of what the service adds to them.
  const often = (current, parent, field) => (current === "" ? OFTEN.includes(field.name) : current !== "theirs" && isJoined(parent, field));
  const weighted = (current, parent, all) => all.flatMap((field) => (often(current, parent, field) ? Array(WEIGHT).fill(field) : [field]));

  const own = ["register", "login", "logout", "revokeSession"];
  const mutations = [...own, "addTask", "addTask", "addTask", "renameTask", "renameTask", "breakTask"];
  return { Values: MergedValues, mutations, scope, allows, weighted };
}
