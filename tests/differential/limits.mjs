// The gateway's limits on a document's shape that no setting raises: what is beyond them is not compared.
import { Kind, parse } from "graphql";

const CONNECTIONS = new Set(["users", "sessions", "securityEvents"]);
const LISTS = new Set(["types", "fields", "inputFields", "interfaces", "possibleTypes"]);
const MAX_LISTS = 2;
const MAX_BRACKETS = 60;

// Whether a document has a connection inside another one, or too many lists of introspection inside each other.
export function isBeyondLimits(text) {
  let open = 0;
  for (const character of text) {
    if ("{([".includes(character)) open += 1;
    if ("})]".includes(character)) open -= 1;
    if (open > MAX_BRACKETS) return true;
  }
  let document;
  try {
    document = parse(text, { noLocation: true });
  } catch {
    return false;
  }
  const fragments = new Map();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const beyond = (set, connection, lists, spread) =>
    (set?.selections ?? []).some((selection) => {
      if (selection.kind === Kind.INLINE_FRAGMENT) return beyond(selection.selectionSet, connection, lists, spread);
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const name = selection.name.value;
        return !spread.includes(name) && beyond(fragments.get(name)?.selectionSet, connection, lists, [...spread, name]);
      }
      const isConnection = CONNECTIONS.has(selection.name.value);
      const inside = lists + (LISTS.has(selection.name.value) ? 1 : 0);
      if ((isConnection && connection) || inside > MAX_LISTS) return true;
      return beyond(selection.selectionSet, connection || isConnection, inside, spread);
    });
  return document.definitions.some((definition) => beyond(definition.selectionSet, false, 0, []));
}
