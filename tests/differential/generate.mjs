// Makes valid requests of a schema: a grammar, walked at random.
import { getNamedType, getNullableType, isAbstractType, isLeafType, isNonNullType, isObjectType, typeFromAST, parseType, TypeInfo, SchemaMetaFieldDef, TypeMetaFieldDef } from "graphql";

import { respelled } from "./spelling.mjs";
import { Values } from "./values.mjs";

const MAX_DEPTH = 6;

// What a run asks for. A scope says where in the answer a selection set is; fragments are shared within a scope.
const DEFAULT_PROFILE = {
  Values,
  mutations: ["register", "login", "logout", "revokeSession", "setUserRoles", "enableUser", "register"],
  scope: (scope, parent, field) => (getNamedType(field.type).name.endsWith("Connection") ? "connection" : scope),
  weighted: (scope, parent, fields) => fields,
  allows: (scope, parent, field) => !(scope === "connection" && getNamedType(field.type).name.endsWith("Connection")),
};

export class Generator {
  constructor(schema, facts, random, profile = DEFAULT_PROFILE) {
    this.schema = schema;
    this.random = random;
    this.facts = facts;
    this.profile = profile;
    this.values = new profile.Values(random, facts);
  }

  // A valid request: the document, the operation's name, the variables as JSON text.
  request() {
    const { random } = this;
    this.fragments = [];
    this.keys = new Map();
    this.number = 0;
    const count = random.chance(0.12) ? 2 : 1;
    const operations = [];
    for (let at = 0; at < count; at += 1) operations.push(this.#operation(count > 1 || random.chance(0.4)));
    const chosen = random.pick(operations);
    const definitions = [...operations.map((operation) => operation.text), ...this.fragments.map((fragment) => fragment.text)];
    if (random.chance(0.3)) definitions.reverse();
    return {
      query: respelled(random, definitions.join(" ")),
      operationName: count > 1 || (chosen.name && random.chance(0.5)) ? chosen.name : undefined,
      variables: chosen.variables,
    };
  }

  #operation(named) {
    const { random, schema } = this;
    const mutation = random.chance(0.15);
    this.variables = [];
    this.own = new Set();
    this.budget = 24;
    const root = mutation ? schema.getMutationType() : schema.getQueryType();
    const selection = mutation ? this.#mutationRoot(root) : this.#set(root, 0, "");
    const name = named ? `Op${(this.number += 1)}` : undefined;
    const definitions = this.variables.map((variable) => variable.definition).join(", ");
    const shorthand = !mutation && !name && !definitions && random.chance(0.5);
    const head = `${mutation ? "mutation" : "query"} ${name ?? ""} ${definitions && `(${definitions})`}`;
    const given = this.variables.filter((variable) => variable.json !== undefined);
    const object = given.map((variable) => `${JSON.stringify(variable.name)}:${variable.json}`).join(",");
    return { name, text: `${shorthand ? "" : head} ${selection}`, variables: `{${object}}` };
  }

  // The gateway allows one field with credentials, and no key twice.
  #mutationRoot(root) {
    const { random } = this;
    const field = random.pick(this.profile.mutations);
    const text = this.#field(root, root.getFields()[field], 0, "");
    const more = random.chance(0.2) ? " __typename" : "";
    return random.chance(0.2) ? `{ ... on Mutation { ${text} } ${more} }` : `{ ${text} ${more} }`;
  }

  #set(type, depth, scope) {
    const { random } = this;
    const parts = [];
    const count = 1 + random.below(depth === 0 ? 3 : 4);
    for (let at = 0; at < count; at += 1) parts.push(this.#selection(type, depth, scope));
    return `{ ${parts.join(" ")} }`;
  }

  #selection(type, depth, scope) {
    const { random } = this;
    const choice = random.next();
    if (depth < MAX_DEPTH && choice < 0.1) {
      const condition = random.chance(0.3) ? type : this.#overlapping(type);
      const on = condition === type && random.chance(0.4) ? "" : `on ${condition.name}`;
      return `... ${on} ${this.#directives()} ${this.#set(condition, depth + 1, scope)}`;
    }
    if (depth < MAX_DEPTH && choice < 0.18) return `...${this.#fragment(type, depth, scope)} ${this.#directives()}`;
    if (choice < 0.24) return this.#keyed("__typename", "__typename", "String!", "", "");
    const fields = Object.values(type.getFields?.() ?? {}).filter((field) => this.#allowed(type, field, depth, scope));
    if (depth === 0 && random.chance(0.04)) return this.#field(type, random.chance(0.8) ? TypeMetaFieldDef : SchemaMetaFieldDef, depth, scope);
    if (fields.length === 0) return this.#keyed("__typename", "__typename", "String!", "", "");
    return this.#field(type, random.pick(this.profile.weighted(scope, type, fields)), depth, scope);
  }

  #allowed(parent, field, depth, scope) {
    const type = getNamedType(field.type);
    if (!this.profile.allows(scope, parent, field)) return false;
    // Known differences.
    if (parent.name === "__Schema" && ["description", "types", "directives"].includes(field.name)) return false;
    if (isLeafType(type)) return true;
    if (depth >= MAX_DEPTH || this.budget <= 0) return false;
    return !["types", "possibleTypes", "interfaces", "fields", "inputFields"].includes(field.name) || depth < 2;
  }

  #field(parent, field, depth, scope) {
    this.budget -= 1;
    const type = getNamedType(field.type);
    const args = this.#arguments(field);
    const set = isLeafType(type) ? "" : this.#set(type, depth + 1, this.profile.scope(scope, parent, field));
    return this.#keyed(field.name, field.name, `${field.type}`, args, set);
  }

  // A field under a key that no other field of the document has.
  #keyed(key, name, type, args, set) {
    const { random } = this;
    const signature = `${name} ${type} ${args}`;
    if (random.chance(0.12)) key = random.pick(["a", "b", "c", "on", "query", "true", "fragment", "_1", "Z9"]);
    if (this.keys.has(key) && this.keys.get(key) !== signature) key = `k${(this.number += 1)}`;
    this.keys.set(key, signature);
    return `${key === name ? "" : `${key}: `}${name}${args} ${this.#directives()} ${set}`;
  }

  #overlapping(type) {
    const { random, schema } = this;
    if (isAbstractType(type)) return random.pick([type, ...schema.getPossibleTypes(type)]);
    return random.pick([type, ...type.getInterfaces()]);
  }

  #fragment(type, depth, scope) {
    const { random } = this;
    const fits = this.fragments.filter(
      (fragment) =>
        fragment.done && fragment.on === type && fragment.scope === scope && this.own.has(fragment.name) && fragment.depth >= depth,
    );
    if (fits.length > 0 && random.chance(0.5)) return random.pick(fits).name;
    const name = random.pick(["F", "f", "fragment", "on_", "Part"]) + (this.number += 1);
    const condition = this.#overlapping(type);
    const fragment = { name, on: condition, scope, depth, done: false };
    const set = this.#set(condition, depth + 1, scope);
    fragment.text = `fragment ${name} on ${condition.name} ${set}`;
    fragment.done = true;
    this.fragments.push(fragment);
    this.own.add(name);
    return name;
  }

  #directives() {
    const { random } = this;
    if (!random.chance(0.06)) return "";
    const names = random.chance(0.2) ? ["skip", "include"] : [random.pick(["skip", "include"])];
    if (random.chance(0.3)) names.reverse();
    return names.map((name) => `@${name}(if: ${this.#condition(name === "include")})`).join(" ");
  }

  #condition(usual) {
    const { random } = this;
    const value = random.chance(0.7) ? usual : !usual;
    if (random.chance(0.6)) return `${value}`;
    return this.#variable("Boolean!", "if", "", value);
  }

  #arguments(field) {
    const { random } = this;
    const parts = [];
    for (const argument of field.args) {
      const optional = !isNonNullType(argument.type) || argument.defaultValue !== undefined;
      // Of a connection's arguments few are given, or most pages would be errors.
      if (optional && random.chance(argument.name === "after" ? 0.85 : 0.5)) continue;
      const value = this.#input(argument.type, argument.name, field.name, argument.defaultValue !== undefined);
      parts.push(`${argument.name}: ${value}`);
    }
    if (random.chance(0.3)) parts.reverse();
    return parts.length > 0 ? `(${parts.join(", ")})` : "";
  }

  // A literal, a variable, null, or an object that holds any of them.
  #input(type, name, owner, hasDefault) {
    const { random } = this;
    // A known difference: the argument is `Boolean!` to the gateway.
    if (name === "includeDeprecated") return `${random.chance(0.5)}`;
    if (!isNonNullType(type) && random.chance(0.1)) return "null";
    if (random.chance(0.4)) return this.#variable(`${type}`, name, owner, this.values.value(type, name, owner), hasDefault);
    const bare = getNullableType(type);
    if (!bare.getFields || random.chance(0.2)) return this.values.literal(type, this.values.value(type, name, owner));
    const parts = [];
    for (const field of Object.values(bare.getFields())) {
      const optional = !isNonNullType(field.type) || field.defaultValue !== undefined;
      if (optional && random.chance(0.4)) continue;
      parts.push(`${field.name}: ${this.#input(field.type, field.name, bare.name, field.defaultValue !== undefined)}`);
    }
    return `{${parts.join(", ")}}`;
  }

  // A new variable for a place of the type `type`, or one that fits already.
  #variable(type, name, owner, value, hasDefault = false) {
    const { random } = this;
    const fits = this.variables.filter((variable) => variable.type === type && variable.name.startsWith(name));
    if (fits.length > 0 && random.chance(0.3)) return `$${random.pick(fits).name}`;
    const variable = { name: `${name}${(this.number += 1)}`, type };
    const parsed = typeFromAST(this.schema, parseType(type));
    let declared = type;
    let initial = "";
    let json = this.values.json(value);
    const nonNull = type.endsWith("!");
    const literal = () => this.values.literal(parsed, this.values.value(parsed, name, owner));
    if (nonNull && random.chance(0.3)) {
      // A nullable variable with a default fits where null does not.
      declared = random.chance(0.7) ? type.slice(0, -1) : type;
      initial = ` = ${literal()}`;
      if (random.chance(0.6)) json = undefined;
    } else if (nonNull && hasDefault && random.chance(0.5)) {
      declared = type.slice(0, -1);
      if (random.chance(0.6)) json = undefined;
    } else if (!nonNull) {
      if (random.chance(0.2)) declared = `${type}!`;
      else {
        if (random.chance(0.3)) initial = ` = ${random.chance(0.2) ? "null" : literal()}`;
        if (random.chance(0.3)) json = random.chance(0.5) ? undefined : "null";
      }
    }
    variable.definition = `$${variable.name}: ${declared}${initial}`;
    variable.json = json;
    this.variables.push(variable);
    return `$${variable.name}`;
  }
}
