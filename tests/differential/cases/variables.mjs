// Section 5.8: variables.
import { group } from "./group.mjs";

const login = (definitions, input) => `mutation(${definitions}) { login(input: ${input}) { userErrors { code } } }`;
const roles = (definitions, value) => `mutation(${definitions}) { setUserRoles(input: {id: 1, roles: ${value}}) { __typename } }`;
const node = (definition) => `query($a: ${definition}) { node(id: $a) { id } }`;
const users = (definition) => `query($a: ${definition}) { users(first: $a) { __typename } }`;

export const variables = [
  ...group("5.8.1 Variable uniqueness", {
    validation: ["query($a: Int, $a: Int) { users(first: $a) { __typename } }", "query($a: Int, $a: String) { users(first: $a) { __typename } }"],
    executed: [{ query: "query A($a: Int) { users(first: $a) { __typename } } query B($a: ID) { user(id: $a) { id } }", operationName: "A" }, "query($a: Int, $A: String) { users(first: $a, search: $A) { __typename } }"],
  }),
  ...group("5.8.2 Variables are input types", {
    validation: ["User", "Query", "Node", "[User!]", "User!", "Nope", "[Nope]", "__Type", "LoginPayload"].map(users),
    executed: [
      users("Int"), { query: login("$i: LoginInput!", "$i"), variables: '{"i":{"username":"","password":""}}' },
    ],
  }),
  ...group("5.6.1 Default values of variables", {
    validation: [users('Int = "x"'), users("Int = 1.5"), users("Int! = null"), users("Int = [1]"), users("Int = A"), login('$i: LoginInput! = {username: "a"}', "$i"), login('$i: LoginInput! = {username: "a", password: "b", x: 1}', "$i"), users("Int = 2147483648"), roles("$r: [String!]! = [null]", "$r")],
    executed: [users("Int = 1"), users("Int = null"), users("Int! = 1"), node('ID = "a"'), node("ID = 1"), login('$i: LoginInput! = {username: "", password: ""}', "$i"), roles('$r: [String!]! = "a"', "$r")],
  }),
  ...group("5.8.3 All variable uses defined", {
    validation: [
      "{ users(first: $a) { __typename } }", "query($b: Int) { users(first: $a, search: \"\") { __typename } }", "query Q { ...F } fragment F on Query { users(first: $a) { __typename } }", "{ __typename @skip(if: $a) }",
      "query Q { ...F } query R($a: Int) { ...F } fragment F on Query { users(first: $a) { __typename } }", "{ ...F } fragment F on Query { ...G } fragment G on Query { ... @skip(if: $a) { __typename } }", 'mutation { login(input: {username: $u, password: ""}) { __typename } }', "{ __type(name: $x) { name } }",
    ],
    executed: [
      "query($a: Int) { ...F } fragment F on Query { ...G } fragment G on Query { users(first: $a) { __typename } }",
      { query: "query Q($a: Int) { ...F } query R($a: Int) { ...F } fragment F on Query { users(first: $a) { __typename } }", operationName: "R" },
    ],
  }),
  ...group("5.8.4 All variables used", {
    validation: ["query($a: Int) { __typename }", "query($a: Int, $b: Int) { users(first: $a) { __typename } }", "query Q($a: Int) { __typename } query R($a: Int) { users(first: $a) { __typename } }", "query($a: Int = 1) { __typename }", "query($a: LoginInput) { __typename }"],
    executed: [{ query: "query($a: Boolean!) { __typename @skip(if: $a) }", variables: '{"a":true}' }, { query: login("$u: String!", '{username: $u, password: ""}'), variables: '{"u":""}' }],
  }),
  ...group("5.8.5 All variable usages are allowed", {
    validation: [
      ...["[ID!]", "[ID!]!", "String!", "String", "Int!", "ID", "ID = null", "Boolean!"].map(node), ...["String", "ID", "Boolean", "[Int]", "[Int!]!"].map(users),
      "query($a: Boolean) { __typename @skip(if: $a) }", "query($a: [Boolean!]!) { __typename @skip(if: $a) }", "query($a: Int) { __typename @skip(if: $a) }", "query($a: String!) { __typename @include(if: $a) }",
    ],
    executed: [node('ID = "a"'), node('ID! = "a"'), users("Int"), { query: users("Int!"), variables: '{"a":1}' }, "query($a: Boolean = true) { __typename @skip(if: $a) }", "query($a: Int! = 1) { users(first: $a) { __typename } }"],
  }),
  ...group("5.8.5 All variable usages are allowed: inside input objects", {
    validation: [
      login("$u: [String]", '{username: $u, password: ""}'), login("$u: [String!]!", '{username: $u, password: ""}'), login("$u: ID!", '{username: $u, password: ""}'), login("$u: Int!", '{username: $u, password: ""}'), login("$u: String", '{username: $u, password: ""}'),
      login("$u: String = null", '{username: $u, password: ""}'), login("$r: [Boolean]", '{username: "", password: "", rememberMe: $r}'), login("$r: String", '{username: "", password: "", rememberMe: $r}'),
      login("$i: LoginInput", "$i"), login("$i: RegisterInput!", "$i"), login("$i: [LoginInput!]!", "$i"), login("$i: String!", "$i"),
    ],
    executed: [login("$r: Boolean = null", '{username: "", password: "", rememberMe: $r}'), login('$u: String = ""', '{username: $u, password: ""}'), login("$r: Boolean", '{username: "", password: "", rememberMe: $r}'), login("$r: Boolean! = false", '{username: "", password: "", rememberMe: $r}'), login('$u: String! = ""', '{username: $u, password: $u}')],
  }),
  ...group("5.8.5 All variable usages are allowed: lists", {
    validation: [
      roles("$r: [String]", "$r"), roles("$r: [String]!", "$r"), roles("$r: String!", "$r"), roles("$r: String", "[$r]"), roles("$r: [String!]!", "[$r]"), roles("$r: Int!", "[$r]"), roles("$r: [[String!]!]!", "$r"), roles('$r: [String] = ["a"]', "$r"),
      roles("$r: [String!]", "$r"), roles("$r: [ID!]!", "$r"),
    ],
    executed: [roles('$r: [String!] = ["a"]', "$r"), { query: roles("$r: String!", "[$r]"), variables: '{"r":"a"}' }, roles('$r: String = "a"', '["b", $r]'), { query: roles("$r: [String!]!", "$r"), variables: '{"r":[]}' }],
  }),
];
