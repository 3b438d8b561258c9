// What the service answers. Everything follows from its arguments, so that the reference answers the same.
import { GraphQLFloat, GraphQLID, GraphQLInt, GraphQLScalarType, GraphQLError, Kind } from "../differential/graphql.mjs";
import { number, print, RawNumber } from "./raw_json.mjs";

const TASKS = 7;
const PROJECTS = 2;
const NUMBERS = ["12345678901234567890123", "1.10", "0", "-0.0", "1e400", "9007199254740993", "-12.50E-3"];

// Lets standard scalars take numbers that have another text in JavaScript, such as 2.0 and 1e2.
for (const scalar of [GraphQLInt, GraphQLFloat, GraphQLID]) {
  const { parseValue } = scalar;
  scalar.parseValue = (value) => parseValue(value instanceof RawNumber ? Number(value.text) : value);
}

// A scalar whose numbers keep their text, in literals, variables and answers.
export const BigNumber = {
  serialize: (value) => value,
  parseValue(value) {
    if (typeof value === "number" || value instanceof RawNumber) return value;
    throw new GraphQLError("BigNumber cannot be a value that is no number");
  },
  parseLiteral(node) {
    if (node.kind === Kind.INT || node.kind === Kind.FLOAT) return number(node.value);
    throw new GraphQLError("BigNumber cannot be a value that is no number", { nodes: node });
  },
};

// Gives a schema's type of this name its behaviour.
export function implement(schema) {
  const type = schema.getType("BigNumber");
  if (!(type instanceof GraphQLScalarType)) throw new Error("there is no scalar BigNumber");
  Object.assign(type, BigNumber);
  return schema;
}

const failed = (code) => () => {
  throw new GraphQLError(`failed with ${code}`, code === "plain" ? undefined : { extensions: { code, detail: 1.5 } });
};

// Makes the service's resolvers. `users` are the ids of the gateway's users.
export function resolvers(users) {
  const user = (at) => ({ __typename: "User", id: users[at % users.length], isTheirs: true });
  const tasks = Array.from({ length: TASKS }, (_, at) => ({
    __typename: "Task",
    id: `task_${at}`,
    title: ["Write", "Read \u{1F4D6}", 'Say "hi"\n', "", "T\u00e4st"][at % 5],
    done: at % 3 === 0,
    priority: ["LOW", "NORMAL", "HIGH", null][at % 4],
    number: number(NUMBERS[at % NUMBERS.length]),
    ratio: [0.5, 1, 1e21, null][at % 4],
    createdAt: `2026-01-0${at + 1}T00:00:00Z`,
    at,
  }));
  const projects = Array.from({ length: PROJECTS }, (_, at) => ({ __typename: "Project", id: `project_${at}`, title: `Project ${at}`, at }));
  const find = (id) => [...tasks, ...projects].find((item) => item.id === id) ?? null;
  const matches = (task, filter) => filter == null || ((filter.done ?? task.done) === task.done &&
    (filter.priority == null || filter.priority.includes(task.priority)) && task.title.includes(filter.text ?? "") && matches(task, filter.nested));
  const some = (list, { first, filter }) => list.filter((task) => matches(task, filter)).slice(0, Math.max(0, first ?? 3));
  const echo = (args) => ({ received: print(args), number: args.number ?? args.input?.number, numbers: args.numbers, nested: { received: "inside" }, query: {} });
  const all = [tasks[1], projects[0], user(0), null, user(1), tasks[4]];

  return {
    Query: {
      viewer: (_, __, { viewer }) => (viewer ? { __typename: "User", id: viewer, isTheirs: true } : null),
      tasks: (_, args) => some(tasks, args),
      task: (_, { id }) => tasks.find((task) => task.id === id) ?? null,
      node: (_, { id }) => find(id),
      projects: () => [projects[0], null, projects[1]],
      search: (_, { text }) => (text.length % 2 === 0 ? all : all.slice(2)),
      titled: (_, { kind }) => (kind === "PROJECT" ? projects[1] : tasks[0]),
      sessions: (_, args) => some(tasks, args),
      taskPages: (_, { first }) => {
        const nodes = some(tasks, { first });
        return { nodes, pageInfo: { startCursor: nodes[0]?.id, endCursor: nodes.at(-1)?.id, hasNextPage: true, hasPreviousPage: false } };
      },
      echo: (_, args) => echo(args),
      mustEcho: (_, args) => echo(args),
      big: () => number(NUMBERS[0]),
      broken: failed("TASKS_BROKEN"),
      mustBreak: failed("plain"),
      brokenItems: () => ["a", new GraphQLError("an item failed"), "c"],
      brokenTasks: () => [tasks[0], new GraphQLError("a task failed", { extensions: { code: "TASKS_BROKEN" } })],
    },
    Mutation: {
      addTask: (_, args) => ({ task: tasks[args.input.title.length % TASKS], query: {}, received: print(args) }),
      renameTask: (_, { id, title }) => (find(id)?.__typename === "Task" ? { ...find(id), title } : null),
      breakTask: failed("TASKS_BROKEN"),
    },
    Task: {
      owner: ({ at }) => user(at),
      helpers: ({ at }) => [user(at + 1), null, user(at)],
      project: ({ at }) => projects[at] ?? null,
      related: ({ at }) => [tasks[(at + 1) % TASKS], projects[0]],
      note: ({ title }, { upper }) => (upper ? title.toUpperCase() : title),
      broken: failed("plain"),
      mustBreak: failed("TASKS_BROKEN"),
    },
    Project: {
      tasks: ({ at }, args) => [null, ...some(tasks.slice(at), args)],
      lead: ({ at }) => user(at),
    },
    User: {
      roles: () => ["from", "the service"],
      tasks: ({ id }, args) => some(tasks.slice(users.indexOf(id) + 1), args),
      score: ({ id }) => number(NUMBERS[users.indexOf(id) + 1]),
      rank: ({ id }, args) => `${users.indexOf(id)} ${print(args)}`,
      friend: ({ id }) => user(users.indexOf(id) + 1),
      favourites: ({ id }) => all.slice(users.indexOf(id) + 1),
      broken: failed("plain"),
      mustBreak: failed("TASKS_BROKEN"),
    },
  };
}
