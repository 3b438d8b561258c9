// Makes hand-picked cases of lists of documents.

// Returns the cases of one rule. `documents` has a list for each stage at which graphql-js must end: `parse`, `validation`,
// `variables` (coercion of variables) or `executed`. An item is a document, or a request with `query` and any of `variables`
// (JSON text), `operationName` and `caller` (`stranger`, `alice` or `admin`; alice when it is left out).
export function group(rule, documents) {
  return Object.entries(documents).flatMap(([expect, items]) =>
    items.map((item) => ({ rule, expect, ...(typeof item === "string" ? { query: item } : item) })),
  );
}

export const raw = String.raw;
