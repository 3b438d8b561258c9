// Known differences between the gateway and graphql-js, each with its reason.
//
// `supports` is the side that the specification (September 2025) supports: `gateway`, `graphql-js`, or `neither` when the
// specification leaves it open or it is a product rule. `requests` always run; each must differ, so that a difference that is
// gone is noticed. `matches` recognizes the difference in a generated document; it must be narrow.
import { group } from "./cases/group.mjs";

const executedOn = ({ expected, actual }, stage) => expected.stage === "executed" && actual.stage === stage;

export const differences = [
  {
    name: "a null condition of @skip or @include",
    reason: "The gateway refuses the whole request, because a condition that is null leaves open what was asked. graphql-js reports a field error.",
    supports: "neither",
    requests: [{ query: "query($a: Boolean = true) { __typename me @skip(if: $a) { id } }", variables: '{"a":null}' }],
    matches: (result) =>
      executedOn(result, "variables") && /^Argument "if" of non-null type "Boolean!" must not be null/.test(result.expected.message),
  },
  {
    name: "subscriptions",
    reason: "The schema has no subscription type. The gateway refuses such an operation in validation (section 5.2.1.1); graphql-js 16 only when it runs.",
    supports: "gateway",
    requests: [
      { query: "subscription { __typename }" },
      { query: "query Q { __typename } subscription S { __typename }", operationName: "Q" },
    ],
    matches: ({ expected, actual }) => actual.stage === "validation" &&
      (expected.stage === "unsupported" || (["executed", "variables"].includes(expected.stage) && /"subscription" root type/.test(actual.message))),
  },
  {
    name: "an escape of more than eight hexadecimal digits",
    reason: "The grammar has no maximum (section 2.9.4); graphql-js stops at eight digits.",
    supports: "gateway",
    requests: [{ query: String.raw`{ __type(name: "\u{000000041}") { name } }` }],
    matches: ({ request, expected, actual }) => expected.stage === "parse" && actual.stage !== "parse" && /\\u\{[0-9A-Fa-f]{9,}\}/.test(request.query),
  },
  {
    name: "one key twice at the root of a mutation",
    reason: "A rule of the product: a mutation names each of its changes once.",
    supports: "neither",
    requests: [
      { query: 'mutation { login(input: {username: "", password: ""}) { user { id } } login(input: {username: "", password: ""}) { userErrors { code } } }' },
    ],
    matches: ({ actual }) => /may not repeat a key/.test(actual.message),
  },
  {
    name: "two fields with credentials in one mutation",
    reason: "A rule of the product: one request tries one password, so that throttles count all of them.",
    supports: "neither",
    requests: [
      { query: 'mutation { a: login(input: {username: "", password: ""}) { __typename } b: login(input: {username: "", password: ""}) { __typename } }' },
    ],
    matches: ({ actual }) => /only one of these fields/.test(actual.message),
  },
  {
    name: "includeDeprecated: null",
    reason: "The edition of September 2025 makes the argument `Boolean! = false`; graphql-js 16 has `Boolean = false`.",
    supports: "gateway",
    requests: [
      { query: '{ __type(name: "User") { fields(includeDeprecated: null) { name } } }' },
      { query: 'query($a: Boolean = true) { __type(name: "User") { fields(includeDeprecated: $a) { name } } }', variables: '{"a":null}' },
    ],
    matches: ({ request, expected, actual }) =>
      expected.stage === "executed" && ["validation", "executed"].includes(actual.stage) && /includeDeprecated[\s,]*:[\s,]*(null|\$)/.test(request.query),
  },
  {
    name: "deprecated directives",
    reason: "graphql-js 16.15 can deprecate directives; no edition of the specification has `includeDeprecated` or `isDeprecated` there.",
    supports: "gateway",
    requests: [{ query: "{ __schema { directives(includeDeprecated: true) { name } } }" }, { query: "{ __schema { directives { isDeprecated deprecationReason } } }" }],
    matches: (result) => executedOn(result, "validation") && /\bdirectives\b/.test(result.request.query) && /includeDeprecated|isDeprecated|deprecationReason/.test(result.request.query),
  },
  {
    name: "the schema's own description",
    reason: "The library describes the schema with the sentence that the specification has about schemas.",
    supports: "neither",
    requests: [{ query: "{ __schema { description } }" }],
    matches: ({ difference, expected, actual }) =>
      expected.stage === "executed" && actual.stage === "executed" && /^data/.test(difference) && difference.includes("A GraphQL Schema defines the capabilities"),
  },
  {
    name: "the order of types, and the descriptions and locations of standard directives",
    reason: "The specification gives them no order. They are compared sorted by `name` when it is selected. The descriptions of the standard directives are the library's, and graphql-js 16.15 allows @deprecated at one more location.",
    supports: "neither",
    requests: [{ query: "{ __schema { types { kind } } }" }],
    matches: ({ request, difference, expected, actual }) =>
      expected.stage === "executed" && actual.stage === "executed" && /^data/.test(difference) && /__schema/.test(request.query) && /\b(types|directives)\b/.test(request.query),
  },
  {
    name: "the types of introspection, and built-in scalars that are not used",
    reason: "The library's own: the order of the fields of __Type, descriptions, and the scalar Float, which graphql-js leaves out.",
    supports: "neither",
    requests: [{ query: '{ __type(name: "__Type") { fields { name } } }' }, { query: '{ __type(name: "Float") { name } }' }],
    matches: ({ request, difference, expected, actual }) =>
      expected.stage === "executed" && actual.stage === "executed" && /^data/.test(difference) && /__type\b/.test(request.query) && /"(__\w+|Float)"/.test(request.query + request.variables),
  },
  {
    name: "an error of __type without a path",
    reason: "A fault: an argument of __type that becomes null at run time is an error without a `path` (section 7.1.6).",
    supports: "graphql-js",
    requests: [{ query: 'query($a: String = "A") { __type(name: $a) { name } }', variables: '{"a":null}' }],
    matches: ({ request, difference, expected, actual }) => executedOn({ expected, actual }, "executed") && /^paths/.test(difference) && /__type\b/.test(request.query) && actual.errors.some(({ path }) => !path),
  },
  {
    name: "the interfaces of an interface",
    reason: "A fault of the library: the list of an interface that implements none is empty, not null (section 4.2.2).",
    supports: "graphql-js",
    requests: [{ query: '{ __type(name: "Node") { interfaces { name } } }' }],
    matches: ({ request, difference, expected, actual }) =>
      executedOn({ expected, actual }, "executed") && /^data/.test(difference) && /\binterfaces\b/.test(request.query),
  },
  {
    name: "numbers in JSON beyond doubles",
    reason: "JavaScript reads 1e1000 as infinity, then refuses it as an Int. The gateway refuses the body: it is no number that it can hold.",
    supports: "neither",
    requests: [{ query: "query($a: Int) { users(first: $a) { __typename } }", variables: '{"a":1e1000}' }],
    matches: ({ request, actual }) => !["executed", "validation"].includes(actual.stage) && /\d[eE]\d{3,}/.test(request.variables ?? ""),
  },
  {
    name: "too many lists of introspection inside each other",
    reason: "A limit of the product that no setting raises: answers about the schema would grow without bounds. graphql-js has one of its own.",
    supports: "neither",
    requests: [{ query: "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }" }],
    matches: ({ expected, actual }) => expected.stage !== "parse" && actual.stage === "OPERATION_TOO_COMPLEX" && /too many nested lists/.test(actual.message),
  },
  {
    name: "__typename under a key that has another type elsewhere",
    reason: "The shapes differ (section 5.3.2). graphql-js does not compare the type of __typename.",
    supports: "gateway",
    requests: [{ query: '{ node(id: "x") { ... on User { a: roles } ... on Session { a: __typename } } }' }],
    matches: (result) => executedOn(result, "validation") && /__typename/.test(result.request.query) && /conflicting types/.test(result.actual.message),
  },
];

// The requests of all known differences. graphql-js may end at any stage.
export const listed = differences.flatMap((difference) =>
  group(`known difference: ${difference.name}`, { any: difference.requests }).map((request) => ({ ...request, expect: undefined, difference })),
);
