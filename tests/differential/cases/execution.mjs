// Sections 6.2 to 6.4: execution, null and errors.
import { group } from "./group.mjs";

const login = (definitions, input) => `mutation(${definitions}) { login(input: ${input}) { userErrors { code } } }`;

export const execution = [
  ...group("6.3.2 Field collection: the order of keys", {
    executed: [
      "{ session { id } me { username id } }", "{ me { username } session { id } me { id } }", "{ ...F session { id } } fragment F on Query { me { id } }", "{ session { id } ...F } fragment F on Query { me { id } session { current } }",
      "{ me { ...F username ... { roles } } } fragment F on User { id createdAt }", "{ b: __typename a: __typename B: __typename }", "{ me { sessions(first: 2) { pageInfo { hasNextPage } nodes { current id } edges { cursor } } } }",
      "{ _2: __typename _10: __typename _1: __typename }",
    ],
  }),
  ...group("6.3.2 Field collection: the types of fragments", {
    executed: [
      '{ node(id: "ALICE_ID") { ... on Session { x: id } ... on User { y: id } } }', '{ node(id: "SESSION_ID") { ... on User { x: id } __typename ... on Node { id } } }', '{ node(id: "nope") { ... on User { x: id } } }',
      '{ a: node(id: "ALICE_ID") { ...F } b: node(id: "SESSION_ID") { ...F } } fragment F on Node { id __typename ... on User { username } ... on Session { current } }',
    ],
  }),
  ...group("6.4.1 Coercing arguments: a variable without a value", {
    executed: [
      { query: "query($a: Int) { users(first: $a) { nodes { id } } }", caller: "admin" }, { query: "query($a: Int) { users(first: $a) { nodes { id } } }", variables: '{"a":null}', caller: "admin" },
      { query: 'query($a: ID = "a") { node(id: $a) { id } me { id } }', variables: '{"a":null}' }, { query: 'query($a: String = "A") { __type(name: $a) { name } __typename }', variables: '{"a":null}' },
      { query: login('$u: String = "a"', '{username: $u, password: ""}'), variables: '{"u":null}' }, { query: login("$r: Boolean", '{username: "", password: "", rememberMe: $r}') }, { query: login("$r: Boolean", '{username: "", password: "", rememberMe: $r}'), variables: '{"r":null}' },
      { query: "query($a: ID, $b: String) { user(id: $a, username: $b) { username } }", variables: '{"b":"alice"}', caller: "admin" }, { query: "query($a: ID, $b: String) { user(id: $a, username: $b) { username } }", variables: '{"a":null,"b":"alice"}', caller: "admin" },
    ],
  }),
  ...group("6.4.4 Errors and non-null fields", {
    executed: [
      { query: "{ users { nodes { id } } }", caller: "stranger" }, { query: "{ __typename users { nodes { id } } }", caller: "alice" }, { query: "{ user(username: \"alice\") { id } __typename }", caller: "alice" },
      { query: "{ a: user(id: 1) { id } b: user(id: 2) { id } me { id } }", caller: "stranger" }, { query: "{ user { id } authSettings { registrationOpen } }", caller: "admin" },
      { query: '{ user(username: "alice") { username sessions { nodes { id } } } }', caller: "admin" }, { query: '{ a: user(username: "alice") { username } b: user(username: "alice") { securityEvents { __typename } } }', caller: "admin" },
      { query: "mutation { setUserRoles(input: {id: 1, roles: []}) { __typename } }", caller: "stranger" }, { query: "mutation { setUserRoles(input: {id: 1, roles: []}) { __typename } }", caller: "alice" },
      { query: "{ me { sessions(first: -1) { nodes { id } } } __typename }", caller: "alice" }, { query: "{ me { sessions(after: \"junk\") { nodes { id } } } session { id } }", caller: "alice" },
      { query: "{ users(first: -1) { __typename } }", caller: "admin" }, { query: "mutation { __typename revokeSession(input: {id: \"x\"}) { __typename } }", caller: "stranger" },
    ],
  }),
  ...group("6.4.3 Completing values", {
    executed: [
      { query: "{ me { id } session { id } }", caller: "stranger" }, "{ me { disabledAt roles } }", "{ me { sessions(first: 0) { nodes { id } edges { node { id } } pageInfo { hasNextPage startCursor endCursor } } } }", "{ me { sessions(first: 1) { edges { node { current user { username } } } } } }",
      { query: "{ users { nodes { username roles disabledAt } } }", caller: "admin" },
    ],
  }),
];
