// Known differences between the gateway and one graphql-js server with both schemas, each with its reason. See
// ../differential/differences.mjs for what the members mean.
import { group } from "../differential/cases/group.mjs";

export const differences = [
  {
    name: "data of a stranger's operation of the service",
    reason: "The service is not asked, so nothing is known about its fields: `data` is null, with an error for each root field. One server makes each nullable field null.",
    supports: "neither",
    requests: [{ caller: "stranger", query: "{ task(id: 7) { id } broken }" }],
    matches: ({ request, expected, actual, calls }) =>
      request.caller === "stranger" && calls.length === 0 && !expected.sides.includes("gateway") && ended({ expected, actual }, "executed") &&
      actual.data === null && actual.errors.length > 0 && actual.errors.every(({ path, extensions }) => path.length === 1 && extensions.code === "UNAUTHENTICATED"),
  },
  {
    name: "a mutation with fields of both",
    reason: "Half of it could have happened when the other half fails, and a login would change who asks in between. It is refused as a whole.",
    supports: "neither",
    requests: [{ query: 'mutation { logout { loggedOut } renameTask(id: "task_1", title: "x") { id } }', caller: "stranger" }],
    matches: ({ expected, actual, calls }) => calls.length === 0 && ended({ expected, actual }, "validation") && /fields of two services/.test(actual.message),
  },
  {
    name: "one key twice at the root of a mutation of the service",
    reason: "The same rule as for the gateway's own mutations.",
    supports: "neither",
    requests: [{ query: "mutation { breakTask { id } breakTask { title } }" }],
    matches: ({ expected, actual, calls }) => calls.length === 0 && ended({ expected, actual }, "validation") && /may not repeat a key/.test(actual.message),
  },
  {
    name: "fields of the service on the user of the gateway's mutation",
    reason: "The service is asked after the change, and could fail. Only queries join its fields.",
    supports: "neither",
    requests: [{ query: 'mutation { login(input: {username: "", password: ""}) { user { score } } }', caller: "stranger" }],
    matches: ({ expected, actual, calls }) => calls.length === 0 && ended({ expected, actual }, "validation") && /only queries can select it/.test(actual.message),
  },
  {
    name: "the gateway's fields on the service's users",
    reason: "The gateway does not look into the service's answer, which it may stream. The service refuses fields that it does not have.",
    supports: "neither",
    requests: [{ query: "{ viewer { id username } }" }, { query: "{ me { id } tasks { owner { username } } }" }],
    matches: ({ request, expected, actual }) =>
      !/\bnode\b/.test(request.query) && expected.stage === "executed" && actual.errors.some(({ message }) => /Cannot query field "username" on type "User"/.test(message)),
  },
  {
    name: "the gateway's root fields inside the service's objects",
    reason: "The service has no such field.",
    supports: "neither",
    requests: [{ query: 'mutation { addTask(input: {title: "x"}) { query { me { id } } } }' }, { query: "{ me { id } echo { query { me { id } } } }" }],
    matches: ({ expected, actual }) => expected.stage === "executed" && actual.errors.some(({ message }) => /"me"/.test(message)),
  },
  {
    name: "errors of joined fields when the gateway's data is null",
    reason: "The service is asked for fields of users when the users are known. Without data there are none.",
    supports: "neither",
    requests: [{ query: '{ users { nodes { mustBreak } } k: users(after: "junk") { nodes { id } } }', caller: "admin" }],
    matches: ({ expected, actual, calls }) => ended({ expected, actual }, "executed") && actual.data == null && !calls.some(({ isJoin }) => isJoin),
  },
  {
    name: "columns after characters outside the basic multilingual plane",
    reason: "The gateway counts characters in its own errors and for joined fields, graphql-js UTF-16 code units. The specification does not say what a column is.",
    supports: "neither",
    requests: [
      { query: '{ authSettings { registrationOpen } a: echo(text: "\u{1F600}") { received } b: broken }', caller: "stranger" },
      { query: '{ a: echo(text: "\u{1F600}") { received } me { broken } }' },
    ],
    matches: ({ request, difference }) => {
      const [wanted, got] = difference.replace(/("line":\d+,"column":)\d+/g, "$1").split(/\n +and: /);
      return /[\u{10000}-\u{10FFFF}]/u.test(request.query) && wanted === `errors: ${got}`;
    },
  },
];

const ended = ({ expected, actual }, stage) => expected.stage === "executed" && actual.stage === stage;

// The requests of all differences.
export const listed = differences.flatMap((difference) =>
  group(`known difference: ${difference.name}`, { executed: difference.requests }).map((request) => ({ ...request, expect: undefined, difference })),
);
