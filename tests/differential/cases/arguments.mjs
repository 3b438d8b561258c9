// Section 5.4: arguments.
import { group } from "./group.mjs";

export const args = [
  ...group("5.4.1 Argument names", {
    validation: [
      "{ me(a: 1) { id } }", "{ node(id: 1, x: 1) { id } }", "{ node(ID: 1) { id } }", "{ me { id(a: 1) } }", "{ __typename(a: 1) }", "{ __schema(a: 1) { __typename } }", "{ __type(name: \"User\", x: 1) { name } }",
      "{ __typename @skip(if: true, x: 1) }", "{ __typename @include(unless: true) }", "{ __typename @skip(If: true) }", "{ me(a: null) { id } }", "query($a: Int) { me(a: $a) { id } }",
    ],
  }),
  ...group("5.4.2 Argument uniqueness", {
    validation: ["{ node(id: 1, id: 1) { id } }", "{ node(id: 1, id: 2) { id } }", "{ me(a: 1, a: 1) { id } }", "{ __typename @skip(if: true, if: true) }", "{ __type(name: \"User\", name: \"x\") { name } }", "query($a: Int) { users(first: $a, first: $a) { __typename } }"],
    executed: ["{ a: node(id: 1) { id } b: node(id: 1) { id } }"],
  }),
  ...group("5.4.3 Required arguments", {
    validation: [
      "{ node { id } }", "{ node(id: null) { id } }", "{ __type { name } }", "{ __type(name: null) { name } }", "{ __typename @skip }", "{ __typename @include(if: null) }", "mutation { login { __typename } }", "mutation { login(input: null) { __typename } }",
      "mutation { revokeSession { __typename } }", "query($a: ID) { node(id: $a) { id } }", "query($a: ID = null) { node(id: $a) { id } }",
    ],
    executed: ["{ user { id } }", "{ user(id: null) { id } }", "{ me { sessions(first: null, after: null) { __typename } } }"],
  }),
];
