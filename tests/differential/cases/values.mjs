// Section 5.6: values. Section 3: which literals each type takes.
import { group } from "./group.mjs";

const login = (input) => `mutation { login(input: ${input}) { user { id } userErrors { code field } } }`;
const users = (value) => ({ query: `{ users(first: ${value}) { nodes { id } } }`, caller: "admin" });
const node = (value) => `{ node(id: ${value}) { id } }`;
const roles = (value) => ({ query: `mutation { setUserRoles(input: {id: 1, roles: ${value}}) { __typename } }`, caller: "alice" });

export const values = [
  ...group("5.6.1 Values of correct type: Int", {
    validation: ['"1"', "1.0", "true", "ONE", "[1]", "{}", "2147483648"].map(users),
    executed: ["0", "1", "null", "101"].map(users),
  }),
  ...group("5.6.1 Values of correct type: String", {
    validation: ["1", "1.5", "true", "A", "[\"a\"]", "{a: 1}"].map((value) => ({ query: `{ users(search: ${value}) { __typename } }`, caller: "admin" })),
    executed: ['"a"', '"""a"""', "null", '""'].map((value) => ({ query: `{ users(search: ${value}) { nodes { username } } }`, caller: "admin" })),
  }),
  ...group("5.6.1 Values of correct type: ID", {
    validation: ["1.0", "true", "ENUM", '["a"]', "{}", "1e3", "null"].map(node),
    executed: ['"a"', "1", "-5", "0", "123456789012345678901234567890", '"""ALICE_ID"""', '"ALICE_ID"', '""'].map(node),
  }),
  ...group("5.6.1 Values of correct type: Boolean", {
    validation: [login('{username: "", password: "", rememberMe: 1}'), login('{username: "", password: "", rememberMe: "true"}'), login('{username: "", password: "", rememberMe: TRUE}'), login('{username: "", password: "", rememberMe: null}')],
    executed: [login('{username: "", password: "", rememberMe: true}'), login('{username: "", password: ""}')],
  }),
  ...group("5.6.1 Values of correct type: lists", {
    validation: ["[1]", "1", '["a", 1]', '[["a"]]', "null", "[null]", '["a", null]', "{}", "[A]", "[[]]"].map(roles),
    executed: ["[]", '["a"]', '"a"', '["a", "b"]', '["""a"""]'].map(roles),
  }),
  ...group("5.6.1 Values of correct type: input objects", {
    validation: [login('"a"'), login("1"), login("[]"), login("true"), login("A"), login('[{username: "", password: ""}]'), login('{username: 1, password: ""}'), login('{username: A, password: ""}'), login('{username: ["a"], password: ""}'), login('{username: {}, password: ""}')],
    executed: [login('{username: "", password: ""}'), login('{password: "x", username: ""}'), login('{username: "nobody", password: "wrong"}')],
  }),
  ...group("5.6.2 Input object field names", {
    validation: [login('{username: "", password: "", x: 1}'), login('{username: "", password: "", Username: ""}'), login('{username: "", password: "", x: null}'), login('{username: "", password: "", x: $y}')],
  }),
  ...group("5.6.3 Input object field uniqueness", {
    validation: [login('{username: "", password: "", password: ""}'), login('{username: "", username: "a", password: ""}'), login('{username: "", password: "", x: {a: 1, a: 1}}'), users("{a: 1, a: 2}")],
  }),
  ...group("5.6.4 Input object required fields", {
    validation: [login("{}"), login('{username: ""}'), login('{password: ""}'), login('{username: null, password: ""}'), login('{username: "", password: null}'), login("{rememberMe: true}")],
  }),
];
