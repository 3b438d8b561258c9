// One schema from the gateway's and the service's, by the simple rules of the page docs/one-endpoint.md.
import { buildASTSchema, Kind, parse } from "../differential/graphql.mjs";

const FEDERATION = "directive @key(fields: String!) repeatable on OBJECT";

// Returns the schema, and the names of the gateway's own root fields and of the fields of its `User`.
export function merge(own, theirs) {
  const definitions = new Map(parse(own).definitions.map((definition) => [nameOf(definition), definition]));
  const names = (type) => definitions.get(type).fields.map((field) => field.name.value);
  const fields = { Query: names("Query"), Mutation: names("Mutation"), User: names("User") };
  for (const definition of parse(`${FEDERATION}\n${theirs}`).definitions) {
    const name = nameOf(definition);
    const known = definitions.get(name);
    if (!known) definitions.set(name, definition);
    else if (["Query", "Mutation", "User"].includes(name)) definitions.set(name, extended(known, definition));
    // Definitions of one name are equal, but for descriptions and order.
  }
  return { schema: buildASTSchema({ kind: Kind.DOCUMENT, definitions: [...definitions.values()] }), fields };
}

function nameOf({ kind, name }) {
  return kind === Kind.SCHEMA_DEFINITION ? "schema" : kind === Kind.DIRECTIVE_DEFINITION ? `@${name.value}` : name.value;
}

// The first type with the fields that only the second one has.
function extended(own, theirs) {
  const known = new Set(own.fields.map((field) => field.name.value));
  return { ...own, fields: [...own.fields, ...theirs.fields.filter((field) => !known.has(field.name.value))] };
}
