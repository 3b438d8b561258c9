// Section 5.3: fields.
import { group } from "./group.mjs";

const both = (user, session) => `{ node(id: "ALICE_ID") { ... on User { ${user} } ... on Session { ${session} } } }`;

export const fields = [
  ...group("5.3.1 Field selections", {
    validation: [
      "{ nope }", "{ me { nope } }", "{ node(id: 1) { username } }", "{ me { session { id } } }", "{ me { __schema { __typename } } }", "mutation { __schema { __typename } }", "mutation { me { id } }",
      "{ login { __typename } }", "{ ... on Query { nope } }", "{ ...F } fragment F on User { nope }", "{ me { sessions { nodes { username } } } }", "{ __type(name: \"User\") { nope } }", "{ __schema { nope } }",
    ],
    executed: [
      "{ node(id: \"ALICE_ID\") { id } }", "{ node(id: \"ALICE_ID\") { __typename } }", "mutation { __typename }", "{ __typename me { __typename sessions(first: 1) { __typename edges { __typename } } } }",
      "{ __type(name: \"User\") { __typename kind } }",
    ],
  }),
  ...group("5.3.2 Field selection merging: the same object", {
    validation: [
      "{ a: me { id } a: session { id } }", "{ me { a: id a: username } }", "{ me: session { id } me { id } }", "{ node(id: 1) { id } node(id: 2) { id } }", "{ node(id: 1) { id } node(id: \"1\") { id } }",
      "query($a: ID!, $b: ID!) { node(id: $a) { id } node(id: $b) { id } }", "query($a: ID!) { node(id: $a) { id } node(id: 1) { id } }", "{ me { sessions(first: 1) { __typename } sessions { __typename } } }",
      "{ me { sessions(first: 1) { __typename } sessions(first: 2) { __typename } } }", "{ me { sessions(first: 1) { __typename } sessions(first: null) { __typename } } }", "{ me { id: __typename id } }",
      "{ me { a: id } me { a: username } }", "{ ...F a: session { id } } fragment F on Query { a: me { id } }", "{ ...F ...G } fragment F on Query { a: me { id } } fragment G on Query { a: session { id } }",
      "{ me { ...F ...G } } fragment F on User { a: id } fragment G on User { ... { a: username } }", "{ me { sessions { a: __typename } } me { sessions { a: pageInfo { hasNextPage } } } }",
      "{ ... { a: me { id } } ... { a: session { id } } }", "{ a: __typename @skip(if: true) a: me { id } }", "{ node(id: 1) { ... on Node { a: id } ... on User { a: username } } }",
      "{ me { a: sessions { __typename } a: securityEvents { __typename } } }", "{ me { sessions(first: 1, after: \"a\") { __typename } sessions(first: 1) { __typename } } }",
    ],
    executed: [
      "{ me { id } me { username } }", "{ me { a: id a: id } }", "{ ...F ...F } fragment F on Query { __typename }", "{ me { ...F id } } fragment F on User { id username }",
      "{ me { sessions(first: 1) { nodes { id } } sessions(first: 1) { nodes { current } } } }",
      "{ user(id: null, username: \"alice\") { id } user(username: \"alice\", id: null) { id } }", 'query($a: ID! = "x") { node(id: $a) { id } node(id: $a) { __typename } }',
      "{ __typename @skip(if: true) __typename @include(if: true) }", "{ a: me { id } ... { a: me { username } ...F } } fragment F on Query { a: me { roles } }", "{ id: me { id: username username: id } }",
    ],
  }),
  ...group("5.3.2 Field selection merging: objects that cannot be the same", {
    validation: [
      both("x: roles", "x: id"), both("x: createdAt", "x: clientAddress"), both("x: username", "x: deviceName"), both("x: username", "x: current"), both("x: sessions { __typename }", "x: id"),
      both("x: sessions { a: nodes { id } }", "x: user { a: roles }"), both("x: sessions { nodes { id } }", "x: user { nodes: id }"), both("x: roles", "x: user { id }"),
    ],
    executed: [
      both("x: username", "x: __typename"), both("x: createdAt", "x: authenticatedAt"), both("x: sessions(first: 1) { y: __typename }", "x: user { y: __typename }"), both("username", "username: __typename"),
    ],
  }),
  ...group("5.3.3 Leaf field selections", {
    validation: [
      "{ me }", "{ node(id: 1) }", "{ __schema }", "{ __type(name: \"A\") }", "{ me { id { id } } }", "{ me { roles { name } } }", "{ authSettings { registrationOpen { a } } }", "{ __typename { a } }", "{ me { sessions { nodes } } }",
      "{ me { createdAt { year } } }", "{ __type(name: \"A\") { kind { a } } }", "mutation { logout }", "{ a: me }", "{ ...F } fragment F on Query { me }",
    ],
    executed: ["{ me { roles } }", "{ __type(name: \"User\") { kind } }"],
  }),
];
