// Prints what graphql-js answers to introspection of a schema. `src/graphql/merged/introspection/tests.rs` reads it:
//   node introspection.mjs ../graphql/merged/schemas/everything.graphql > ../graphql/merged/everything.json
import { readFileSync } from "node:fs";
import { buildSchema, getIntrospectionQuery, introspectionFromSchema, isSpecifiedDirective, isSpecifiedScalarType } from "graphql";

const schema = buildSchema(readFileSync(process.argv[2], "utf8"));
const options = {
  descriptions: true,
  experimentalDirectiveDeprecation: false,
  directiveIsRepeatable: true,
  inputValueDeprecation: true,
  oneOf: true,
  schemaDescription: true,
  specifiedByUrl: true,
};
const { __schema: answer } = introspectionFromSchema(schema, options);
// The descriptions of what every schema has are each library's own.
answer.types = answer.types.filter(({ name }) => !name.startsWith("__") && !isSpecifiedScalarType(schema.getType(name)));
answer.directives = answer.directives.filter(({ name }) => !isSpecifiedDirective(schema.getDirective(name)));
process.stdout.write(`${JSON.stringify({ query: getIntrospectionQuery(options), schema: answer })}\n`);
