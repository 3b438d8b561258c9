// Section 4: introspection.
import { getIntrospectionQuery } from "graphql";

import { group } from "./group.mjs";

const type = (name, selection) => `{ __type(name: ${JSON.stringify(name)}) { ${selection} } }`;
const REFERENCE = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";
const NAMES = ["Query", "Mutation", "User", "Session", "Node", "UserError", "LoginInput", "LoginErrorCode", "DateTime", "SecurityEventKind", "ID", "String", "Int", "Boolean", "PageInfo", "LoginPayload"];

export const introspection = [
  ...group("4.1 Type name introspection", {
    executed: ["{ __typename }", "{ a: __typename b: __typename }", "{ __schema { __typename queryType { __typename } } }", type("User", "__typename fields { __typename type { __typename } args { __typename } }"), type("LoginErrorCode", "__typename enumValues { __typename }")],
  }),
  ...group("4.2 Schema introspection: __schema", {
    executed: [
      "{ __schema { queryType { name } mutationType { name } subscriptionType { name } } }", getIntrospectionQuery({ descriptions: false }), getIntrospectionQuery({ specifiedByUrl: true, directiveIsRepeatable: true }), "{ __schema { types { name kind } } }",
      "{ __schema { directives { name locations args { name type { name ofType { name } } } } } }",
    ],
    validation: ["{ __schema { types } }", "{ me { __type(name: \"A\") { name } } }", "{ __schema(a: 1) { __typename } }"],
  }),
  ...group("4.2 Schema introspection: __type", {
    executed: [
      type("Nope", "name"), type("", "name"), type("user", "name"), type("__TypeKind", "name kind"), type("__TypeKind", "enumValues { name }"), type("[User]", "name"), type("User!", "name"),
      ...NAMES.map((name) => type(name, `kind name description specifiedByURL interfaces { name } possibleTypes { name } enumValues { name description isDeprecated deprecationReason } inputFields { name description defaultValue type { ${REFERENCE} } }`)),
      ...NAMES.map((name) => type(name, `fields { name description isDeprecated deprecationReason args { name description defaultValue type { ${REFERENCE} } } type { ${REFERENCE} } }`)),
      type("User", "fields(includeDeprecated: true) { name }"), type("User", "fields(includeDeprecated: false) { name }"), type("User", "ofType { name } isOneOf"), type("LoginInput", "isOneOf inputFields(includeDeprecated: true) { name isDeprecated }"),
      { query: "query($n: String!) { __type(name: $n) { name } }", variables: '{"n":"User"}' },
    ],
    validation: [type("User", "fields(includeDeprecated: 1) { name }"), type("User", "fields(x: 1) { name }"), "{ __type(name: 1) { name } }", "{ __type(name: User) { name } }"],
  }),
];
