// Hand-picked requests. ALICE_ID and SESSION_ID stand for ids of the run.
import { group, raw } from "../differential/cases/group.mjs";

const vars = (query, variables, more = {}) => ({ query, variables, ...more });

export const cases = [
  ...group("both sides in one query", {
    executed: [
      "{ me { username } tasks { title } }",
      "{ tasks { title } me { username } __typename projects { title } authSettings { registrationOpen } }",
      "{ __typename tasks { __typename id } t: __typename }",
      "{ b: tasks { title } a: me { id } c: task(id: \"task_1\") { number } d: session { current } }",
      "query A { me { id } } query B { tasks { id } }",
      "fragment F on Query { me { ...U } tasks { ...T } } fragment U on User { username ...V } fragment V on User { id } fragment T on Task { title ...V2 } fragment V2 on Node { id } { ...F }",
      "{ ... on Query { me { id } ... { tasks { id } ... on Query { viewer { id } session { id } } } } }",
      "{ tasks(first: 1) { id } me { id } tasks(first: 1) { title } me { username } }",
      "{ ...F ...G } fragment F on Query { tasks { id } me { id } } fragment G on Query { me { roles } tasks { title } }",
      "{ me { roles } viewer { roles } }",
      "# me { id }\n{,,, me # tasks\r\n{ id }\r tasks ,, { id }\n}# end",
      '\uFEFF{ me { id } echo(text: "\u{1F600} \\" } { me") { received } }',
    ].map((item) => ({ query: item, operationName: item.startsWith("query A") ? "B" : undefined })),
  }),
  ...group("directives at the root", {
    executed: [
      "query ($a: Boolean!, $b: Boolean!) { me @skip(if: $a) { id } tasks @include(if: $b) { id } }",
      "query ($a: Boolean!, $b: Boolean!) { ... @include(if: $a) { me { id } tasks { id } } ...F @skip(if: $b) } fragment F on Query { projects { id } session { id } }",
      "query ($a: Boolean!, $b: Boolean!) { tasks { id @skip(if: $a) title } me { id username @include(if: $b) } tasks @include(if: $a) { done } }",
    ].flatMap((query) => ['{"a":true,"b":false}', '{"a":false,"b":true}', '{"a":true,"b":true}'].map((variables) => vars(query, variables))),
  }),
  ...group("numbers keep their text", {
    executed: [
      "{ me { id } echo(number: 12345678901234567890123, numbers: [1.10, -0.0, 1e400]) { received number numbers } }",
      "{ echo(number: 1.10) { received number } big }",
      vars("query ($n: BigNumber, $l: [BigNumber!]) { me { id } echo(number: $n, numbers: $l) { received number numbers } }", '{"n":12345678901234567890123,"l":[1.10,-0.0,1E5,0.1e-7]}'),
      vars("query ($i: EchoInput!) { mustEcho(input: $i) { received number } }", '{"i":{"number":1.10,"text":"x","filter":{"number":9007199254740993}}}'),
      vars("query ($n: BigNumber = 1.10) { me { rank(number: $n) score } users { nodes { id rank(number: 12345678901234567890123) } } }", "{}", { caller: "admin" }),
      vars("mutation ($n: BigNumber) { addTask(input: {title: \"x\", number: $n}) { received task { number } } }", '{"n":100000000000000000000001}'),
    ],
  }),
  ...group("texts keep their bytes", {
    executed: [
      '{ me { id } echo(text: """\n    a\n      b "quoted" \\""" \n  """) { received } }',
      raw`{ me { id } echo(text: "\u{1F600}\uD83D\uDE00\n\t\"\\", texts: [["\u0000"], null, [null, "ü"]]) { received } }`,
      vars("query ($t: String) { me { rank(text: $t) } echo(text: $t) { received } }", String.raw`{"t":"\ud83d\ude00\u2028\u0000 \"} { me"}`),
    ],
  }),
  ...group("fields of the service on the gateway's users", {
    executed: [
      "{ me { username tasks { title owner { id tasks(first: 1) { id } } } score friend { id score } } }",
      "{ session { user { tasks(first: 2, filter: {done: true, priority: [LOW, HIGH]}) { id } } } me { a: tasks { id } b: tasks(first: 0) { id } } }",
      vars("{ users { nodes { username tasks { id } favourites { __typename ... on Task { title } } } edges { node { score } } } }", "{}", { caller: "admin" }),
      'query ($id: ID!, $first: Int = 1) { node(id: $id) { ... on User { username tasks(first: $first) { ...T } } id } } fragment T on Task { title }',
      '{ node(id: "ALICE_ID") { ...U } } fragment U on User { ...W score } fragment W on User { tasks { id } }',
      "{ me { broken username } tasks { id broken } }",
      "{ me { mustBreak username } tasks { id } }",
      "{ me { tasks { mustBreak } } }",
      "{ me { username, tasks { title }, securityEvents(first: 1) { nodes { kind } } } }",
      "query ($a: Boolean!) { me { tasks @skip(if: $a) { id } score @include(if: $a) ... @skip(if: $a) { friend { id } } } }",
      "{ me { ...F } } fragment F on User { friend { ...G } } fragment G on User { score }",
    ].map((item) => (typeof item === "string" ? vars(item, '{"id":"ALICE_ID","a":true}') : item)),
  }),
  ...group("node of either side", {
    executed: [
      '{ a: node(id: "task_1") { id __typename } b: node(id: "SESSION_ID") { id __typename } c: node(id: "ALICE_ID") { id } d: node(id: "project_0") { ... on Titled { title } } }',
      '{ node(id: "junk") { id } a: node(id: "") { id } b: node(id: 7) { id } }',
      ...["task_1", "ALICE_ID", "SESSION_ID", "session_0", "event_0", "none"].map((id) =>
        vars("query ($id: ID!) { node(id: $id) { __typename id ... on Task { title } ... on User { username } ... on Session { current } } }", JSON.stringify({ id }))),
      vars('query ($id: ID = "task_2") { node(id: $id) { id } me { id } }', "{}"),
    ],
  }),
  ...group("errors of both sides", {
    executed: [
      "{ users { nodes { id } } me { id } }",
      "{ broken me { id } user(id: \"x\") { id } }",
      "{ brokenItems brokenTasks { id } me { id } mustBreak }",
      "{\n  user(id: \"x\") { id }\n  broken\n  tasks(first: 1) {\n    broken\n  }\n}",
      vars("{ me { id } broken session { id } }", "{}", { caller: "stranger" }),
      vars("{ authSettings { registrationOpen } mustBreak }", "{}", { caller: "stranger" }),
    ],
  }),
  ...group("mutations of one side", {
    executed: [
      'mutation { a: addTask(input: {title: "x"}) { received task { id owner { id } } query { tasks(first: 1) { id } } } b: renameTask(id: "task_1", title: "y") { title } __typename }',
      "mutation { breakTask(number: 0.10) { id } }",
    ],
  }),
  ...group("the merged schema", {
    executed: [
      '{ __type(name: "User") { fields { name type { kind name ofType { name } } args { name } } } tasks { id } }',
      '{ __type(name: "Query") { fields { name } } }',
      '{ __type(name: "Node") { possibleTypes { name } } me { id } tasks { id } }',
      '{ a: __type(name: "_Entity") { name } b: __type(name: "_Any") { name } c: __type(name: "_Service") { name } }',
    ],
  }),
];
