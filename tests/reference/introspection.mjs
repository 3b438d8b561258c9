// Compares the schema that the gateway shows with the merged one.
import { buildClientSchema, getIntrospectionQuery, introspectionFromSchema, lexicographicSortSchema, printSchema } from "../differential/graphql.mjs";

// Returns the lines that only one of both has.
export async function schemaDifferences(gateway, merged, cookie) {
  const options = { descriptions: false, inputValueDeprecation: true };
  const { body } = await gateway.send({ query: getIntrospectionQuery(options) }, cookie);
  const [shown, wanted] = [body.data, introspectionFromSchema(merged, options)].map((data) => lines(printSchema(lexicographicSortSchema(buildClientSchema(data)))));
  // The directive is between the service and a federation gateway.
  wanted.delete("directive @key(fields: String!) repeatable on OBJECT");
  return [...only(wanted, shown, "-"), ...only(shown, wanted, "+")];
}

// The lines, each with the type that it belongs to.
function lines(sdl) {
  let head = "";
  const found = new Set();
  for (const line of sdl.split("\n")) {
    const text = line.trim();
    if (text === "" || text === "}") continue;
    if (/^\S/.test(line)) head = text;
    found.add(/^\S/.test(line) ? text : `${head} ${text}`);
  }
  return found;
}

const only = (lines, others, sign) => [...lines].filter((line) => !others.has(line)).map((line) => `${sign} ${line}`);
