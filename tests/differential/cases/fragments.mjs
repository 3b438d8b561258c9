// Section 5.5: fragments.
import { group } from "./group.mjs";

export const fragments = [
  ...group("5.5.1.1 Fragment name uniqueness", {
    validation: ["{ ...F } fragment F on Query { __typename } fragment F on Query { __typename }", "{ ...F } fragment F on Query { __typename } fragment F on User { id }"],
    executed: ["{ ...F ...f } fragment F on Query { __typename } fragment f on Query { me { id } }", "query F { ...F } fragment F on Query { __typename }"],
  }),
  ...group("5.5.1.2 Fragment spread type existence", {
    validation: ["{ ...F } fragment F on Nope { a }", "{ ... on Nope { a } }", "{ ... on query { __typename } }", "{ me { ... on Users { id } } }", "{ ... on Subscription { __typename } }"],
  }),
  ...group("5.5.1.3 Fragments on object, interface or union types", {
    validation: ["{ ... on String { a } }", "{ ... on LoginInput { a } }", "{ ... on LoginErrorCode { a } }", "{ ...F } fragment F on DateTime { a }", "{ ...F } fragment F on Int { a }", "{ ...F } fragment F on RegisterInput { username }"],
  }),
  ...group("5.5.1.4 Fragments must be used", {
    validation: [
      "{ __typename } fragment F on Query { __typename }", "{ ...F } fragment F on Query { __typename } fragment G on Query { __typename }", "{ __typename } fragment F on Query { ...G } fragment G on Query { __typename }",
      "{ __typename } fragment F on Query { ...F }",
    ],
    executed: ["{ ...F } fragment F on Query { ...G } fragment G on Query { __typename }", { query: "query A { ...F } query B { ...G } fragment F on Query { __typename } fragment G on Query { __typename }", operationName: "A" }],
  }),
  ...group("5.5.2.1 Fragment spread target defined", {
    validation: ["{ ...F }", "{ ...f } fragment F on Query { __typename }", "{ ...F } fragment F on Query { ...G }", "{ me { ... on User { ...Nope } } }"],
  }),
  ...group("5.5.2.2 Fragment spreads must not form cycles", {
    validation: [
      "{ ...F } fragment F on Query { ...F }", "{ ...F } fragment F on Query { __typename ...F }", "{ ...F } fragment F on Query { ... { ...F } }", "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
      "{ ...A } fragment A on Query { ...B } fragment B on Query { ...C } fragment C on Query { ...B }", "{ me { ...A } } fragment A on User { sessions { nodes { user { ...A } } } }",
      "{ me { ...A } } fragment A on User { ... on Node { ...B } } fragment B on Node { ... on User { ...A } }", "{ ...A } fragment A on Query { ...A @skip(if: true) }",
    ],
    executed: ["{ ...A ...B } fragment A on Query { ...C } fragment B on Query { ...C } fragment C on Query { __typename }"],
  }),
  ...group("5.5.2.3 Fragment spread is possible", {
    validation: [
      "{ me { ... on Session { id } } }", "{ me { ... on Query { __typename } } }", "{ me { ... on UserError { message } } }", "{ ... on Mutation { __typename } }", "{ ...F } fragment F on User { id }", "{ me { ...F } } fragment F on Session { id }",
      "{ node(id: 1) { ... on PageInfo { hasNextPage } } }", "{ node(id: 1) { ... on UserError { message } } }", "{ node(id: 1) { ... on User { ... on Session { id } } } }", "mutation { ... on Query { __typename } }", "mutation { ...F } fragment F on Query { __typename }",
      "{ me { ...F } } fragment F on UserError { message }", "{ me { sessions { ... on SecurityEventConnection { __typename } } } }", "{ __schema { ... on __Type { name } } }",
    ],
    executed: [
      "{ me { ... on Node { id } } }", "{ node(id: \"ALICE_ID\") { ... on User { username } } }", "{ node(id: \"ALICE_ID\") { ... on Session { current } } }", "{ node(id: \"SESSION_ID\") { ... on Session { current } ... on User { id } } }",
      "{ node(id: \"ALICE_ID\") { ... on Node { ... on User { username } } } }", "{ me { ... on Node { ... on Session { current } id } } }", "{ me { ...F } } fragment F on Node { id ... on User { username } }",
      "mutation { ... on Mutation { __typename } }", "{ __schema { ... on __Schema { queryType { ... on __Type { name } } } } }",
      "mutation { login(input: {username: \"\", password: \"\"}) { userErrors { ... on UserError { message field } ... on LoginUserError { code } } } }",
    ],
  }),
];
