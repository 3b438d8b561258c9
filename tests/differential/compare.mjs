// Compares two runs of one request, and reports differences.
import { MOVING } from "./reference.mjs";

// Returns the difference in one line, or `undefined` if there is none.
export function differ(request, expected, actual) {
  if (expected.stage !== actual.stage) return `stage: ${expected.stage} and ${actual.stage}`;
  return (expected.stage === "executed" && differInAnswer(expected, actual)) || malformedError(request, actual);
}

function differInAnswer(expected, actual) {
  for (const path of expected.moved) hide(actual.data, path);
  const [wanted, got] = [comparable(expected.data), comparable(actual.data)];
  if (wanted !== got) return `data: ${wanted}\n     and: ${got}`;
  const [failed, reported] = [paths(expected), paths(actual)];
  return failed === reported ? undefined : `paths of errors: ${failed} and ${reported}`;
}

const BUILT_IN = new Set(["Boolean", "Float", "ID", "Int", "String"]);

// Returns the data as text. The order of types and directives is open; which built-in scalars a schema has is open, too, and so
// are the descriptions of the types of introspection.
function comparable(data) {
  const sorted = (key, value) => {
    if (!["types", "directives", "possibleTypes"].includes(key) || !Array.isArray(value) || !value.every((item) => item?.name)) return value;
    return value.filter(({ name }) => !BUILT_IN.has(name) && !name.startsWith("__")).sort((one, other) => (one.name < other.name ? -1 : 1));
  };
  return JSON.stringify(data, sorted);
}

function malformedError({ query }, { errors }) {
  const malformed = errors.find((error) => !isWellFormed(error, query));
  return malformed && `an error that section 7.1.6 does not allow: ${JSON.stringify(malformed)}`;
}

// Returns whether an error has a message, and locations inside the document, counted from 1.
function isWellFormed({ message, locations = [] }, query) {
  const lines = query.split(/\r\n|\n|\r/).length;
  return typeof message === "string" && message !== "" && locations.every(({ line, column }) => line >= 1 && line <= lines && column >= 1);
}

// Replaces a time that changes with a placeholder.
function hide(data, path) {
  let inner = data;
  for (const step of path.slice(0, -1)) inner = inner?.[step];
  const key = path.at(-1);
  if (typeof inner?.[key] === "string" && /^\d{4}-\d\d-\d\dT/.test(inner[key])) inner[key] = MOVING;
}

// Where errors made nulls. Of several errors that make one null it is open which are reported (section 6.4.4).
function paths({ data, errors }) {
  return [...new Set(errors.map((error) => madeNull(data, error)))].sort().join(" ");
}

// Returns the path of the null that an error made, as text.
export function madeNull(data, { path = [] }) {
  let inner = data;
  let at = 0;
  while (at < path.length && inner !== null && typeof inner === "object") inner = inner[path[at++]];
  return JSON.stringify(path.slice(0, at));
}

export function describe({ request, expected, actual, difference }) {
  const lines = [
    `--- ${request.rule} (${request.caller})`,
    request.query,
    `variables ${request.variables ?? "{}"}${request.operationName === undefined ? "" : `, operation ${JSON.stringify(request.operationName)}`}`,
    `graphql-js: ${expected.stage}: ${expected.message ?? ""}`,
    `gateway:    ${actual.stage}: ${actual.message ?? JSON.stringify(actual.errors)}`,
  ];
  if (difference) lines.push(difference);
  return lines.join("\n");
}
