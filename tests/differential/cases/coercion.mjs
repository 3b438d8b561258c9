// Section 6.1.2: coercing variable values. Section 3: what JSON each type takes.
import { group } from "./group.mjs";

const variable = (type, field) => (json) => ({ query: `query($a: ${type}) { ${field} }`, variables: json === undefined ? undefined : `{"a":${json}}`, caller: "admin" });
const int = variable("Int", "users(first: $a) { nodes { id } }");
const string = variable("String", "users(search: $a) { nodes { id } }");
const id = variable("ID!", "node(id: $a) { id }");
const boolean = variable("Boolean!", "__typename @skip(if: $a)");
const login = (json) => ({ query: "mutation($a: LoginInput!) { login(input: $a) { userErrors { code field } } }", variables: `{"a":${json}}`, caller: "stranger" });
const roles = (json) => ({ query: "mutation($a: [String!]!) { setUserRoles(input: {id: 1, roles: $a}) { __typename } }", variables: `{"a":${json}}`, caller: "alice" });

export const coercion = [
  ...group("3.5.1 Int", {
    executed: ["0", "1", "-0", "1.0", "1e1", "10e-1", "2147483647", "null", undefined].map(int),
    variables: ["1.5", '"1"', "true", "[]", "[1]", "{}", "2147483648", "-2147483649", "1e100", '""', "9007199254740993", "0.1"].map(int),
  }),
  ...group("3.5.3 String", {
    executed: ['"a"', '""', "null", '"\\u00e9"', '"\\ud83d\\ude00"', undefined].map(string),
    variables: ["1", "1.5", "true", "[]", '["a"]', "{}"].map(string),
  }),
  ...group("3.5.4 Boolean", {
    executed: ["true", "false"].map(boolean),
    variables: ["0", "1", '"true"', '""', "null", "[]", "[true]", "{}", undefined].map(boolean),
  }),
  ...group("3.5.5 ID", {
    executed: ['"a"', '"ALICE_ID"', "1", "-1", "0", "7.0", "9007199254740991", '""'].map(id),
    variables: ["1.5", "true", "[]", '["a"]', "{}", "null", undefined].map(id),
  }),
  ...group("3.10 Input objects", {
    executed: ['{"username":"","password":""}', '{"password":"","username":"x"}', '{"username":"","password":"","rememberMe":false}'].map(login),
    variables: [
      "{}", '{"username":""}', '{"username":null,"password":""}', '{"username":"","password":"","x":1}', '{"username":"","password":"","x":null}', '{"username":1,"password":""}', '{"username":"","password":"","rememberMe":null}',
      '{"username":"","password":"","rememberMe":"true"}', '{"username":["a"],"password":""}', "null", '"a"', "1", "[]", '[{"username":"","password":""}]', "true",
    ].map(login),
  }),
  ...group("3.11 Lists", {
    executed: ["[]", '["a"]', '"a"', '["a","b"]'].map(roles),
    variables: ["[null]", "null", "1", "[1]", '[["a"]]', "{}", '["a",null]', '["a",1]', "true"].map(roles),
  }),
  ...group("6.1.2 Coercing variable values", {
    executed: [
      { query: "query($a: Int = 1) { users(first: $a) { nodes { id } } }", caller: "admin" }, { query: "query($a: Int = 1) { users(first: $a) { nodes { id } } }", variables: '{"a":null}', caller: "admin" },
      { query: "query($a: Int = 1) { users(first: $a) { nodes { id } } }", variables: '{"a":2}', caller: "admin" }, { query: "{ __typename }", variables: '{"nope":{"a":[1]}}' },
      { query: 'query A { __typename } query B($a: Int!) { users(first: $a) { __typename } }', operationName: "A", variables: '{"a":"x"}' },
    ],
    variables: [
      { query: "query($a: Int!) { users(first: $a) { __typename } }" }, { query: "query($a: Int!) { users(first: $a) { __typename } }", variables: '{"a":null}' }, { query: "query($a: Int! = 1) { users(first: $a) { __typename } }", variables: '{"a":null}' },
      { query: "query($a: Int!) { users(first: $a) { __typename } }", variables: '{"A":1}' }, { query: 'query A { __typename } query B($a: Int!) { users(first: $a) { __typename } }', operationName: "B", variables: '{"a":"x"}' },
      { query: "query($a: Int) { __typename ... @include(if: false) { users(first: $a) { __typename } } }", variables: '{"a":"x"}' },
    ],
  }),
];
