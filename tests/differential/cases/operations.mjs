// Sections 5.1 and 5.2: documents and operations. Section 6.1: which operation runs.
import { group } from "./group.mjs";

export const operations = [
  ...group("5.2.2.1 Operation name uniqueness", {
    validation: ["query Q { __typename } query Q { __typename }", "query Q { __typename } mutation Q { __typename }"],
    executed: [{ query: "query Q { __typename } query q { me { id } }", operationName: "q" }, { query: "query Q { __typename } mutation R { __typename }", operationName: "R" }],
  }),
  ...group("5.2.3.1 Lone anonymous operation", {
    validation: ["{ __typename } { __typename }", "{ __typename } query Q { __typename }", "query Q { __typename } { __typename }", "{ __typename } mutation { __typename }"],
    executed: ["{ ...F } fragment F on Query { __typename }"],
  }),
  ...group("5.1.1 Executable definitions: a document without an operation", {
    validation: ["fragment F on Query { __typename }", "fragment F on Query { ...G } fragment G on Query { __typename }"],
  }),
  ...group("6.1 Executing requests: the operation's name", {
    executed: [
      { query: "query A { a: __typename } query B { b: __typename }", operationName: "A" },
      { query: "query A { a: __typename } query B { b: __typename }", operationName: "B" },
      { query: "query A { __typename }", operationName: "A" },
      "query A { __typename }",
      { query: "fragment F on Query { __typename } query A { ...F }", operationName: "A" },
    ],
    validation: [
      "query A { a: __typename } query B { b: __typename }",
      { query: "query A { __typename } query B { __typename }", operationName: "C" },
      { query: "query A { __typename } query B { __typename }", operationName: "a" },
      { query: "query A { __typename }", operationName: "B" },
      { query: "{ __typename }", operationName: "A" },
      { query: "query F { ...G } fragment G on Query { __typename }", operationName: "G" },
    ],
  }),
  ...group("6.1 A fault in an operation that does not run", {
    validation: [{ query: "query A { __typename } query B { nope }", operationName: "A" }, { query: "query A { __typename } query B { users(first: $x) { __typename } }", operationName: "A" }],
    executed: [{ query: "query A { __typename } query B($x: Int!) { users(first: $x) { __typename } }", operationName: "A" }],
  }),
];
