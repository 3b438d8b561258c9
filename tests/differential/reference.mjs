// The reference: graphql-js with the gateway's data about its callers.
import { execute, getNamedType, getOperationAST, GraphQLError, isAbstractType, parse, validate } from "graphql";
import { getVariableValues, responsePathAsArray } from "graphql";

const PAGE = 20;
const MAX_PAGE = 100;

function failure(code) {
  return new GraphQLError(code, { extensions: { code } });
}

// A page of rows, newest first. A row's cursor is its id.
function page(rows, { first, after }, prefix) {
  const size = Math.min(first ?? PAGE, MAX_PAGE);
  const cursor = new RegExp(`^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`);
  if (after != null && !cursor.test(after)) throw failure("BAD_USER_INPUT");
  const rest = after == null ? rows : rows.filter((row) => row.id < after);
  const nodes = rest.slice(0, size);
  return {
    nodes,
    edges: nodes.map((node) => ({ node, cursor: node.id })),
    pageInfo: {
      hasPreviousPage: after != null,
      hasNextPage: rest.length > size,
      startCursor: nodes[0]?.id ?? null,
      endCursor: nodes.at(-1)?.id ?? null,
    },
  };
}

function required(caller) {
  if (!caller.user) throw failure("UNAUTHENTICATED");
}

function administrator(caller) {
  required(caller);
  if (!caller.user.roles.includes("admin")) throw failure("FORBIDDEN");
}

function own(user, caller) {
  required(caller);
  if (user.id !== caller.user.id) throw failure("FORBIDDEN");
}

// `first` is an unsigned integer to the gateway.
function unsigned({ first }) {
  if (first != null && first < 0) throw failure("BAD_USER_INPUT");
}

const folded = (name) => name.normalize("NFKC").toLowerCase();

const RESOLVERS = {
  Query: {
    me: (_, __, { caller }) => caller.user,
    session: (_, __, { caller }) => caller.session,
    authSettings: (_, __, { world }) => world.authSettings,
    node(_, { id }, { caller }) {
      if (!caller.user) return null;
      if (id === caller.user.id) return caller.user;
      return caller.sessions.find((session) => session.id === id) ?? null;
    },
    users(_, args, { caller, world }) {
      unsigned(args);
      administrator(caller);
      const begins = folded(args.search ?? "");
      return page(world.users.filter((user) => folded(user.username).startsWith(begins)), args, "user");
    },
    user(_, { id, username }, { caller, world }) {
      administrator(caller);
      if ((id == null) === (username == null)) throw failure("BAD_USER_INPUT");
      return world.users.find((user) => user.id === id || (username != null && folded(user.username) === folded(username))) ?? null;
    },
  },
  User: {
    sessions(user, args, { caller }) {
      unsigned(args);
      own(user, caller);
      return page(caller.sessions, args, "session");
    },
    securityEvents(user, args, { caller }) {
      unsigned(args);
      own(user, caller);
      return page(caller.events, args, "event");
    },
  },
  Session: {
    user: (_, __, { caller }) => caller.user,
    lastSeenAt: moving,
    expiresAt: moving,
  },
  Mutation: {
    register: (_, __, { world }) => world.payloads.register,
    login(_, { input }, { world }) {
      if (input.username !== "" && input.password !== "") return world.payloads.wrongLogin;
      const errors = world.payloads.emptyLogin.userErrors;
      return { ...world.payloads.emptyLogin, userErrors: errors.filter((error) => input[error.field[0]] === "") };
    },
    logout: () => ({ loggedOut: false }),
    revokeSession(_, __, { caller, world }) {
      required(caller);
      return world.payloads.foreignSession;
    },
  },
};

// A time that changes while the test runs: only its path is compared.
function moving(_, __, { moved }, { path }) {
  moved.push(responsePathAsArray(path));
  return MOVING;
}
export const MOVING = "(a time)";

// Resolves a field of the gateway's own schema.
export function resolve(source, args, context, info) {
  const own = RESOLVERS[info.parentType.name]?.[info.fieldName];
  if (own) return own(source, args, context, info);
  // The other mutations change the caller or another user.
  if (info.parentType.name === "Mutation") {
    required(context.caller);
    administrator(context.caller);
    throw new Error(`the reference does not know ${info.fieldName}`);
  }
  return source[info.fieldName];
}

const typeOf = (value) => value.id?.split("_")[0].replace(/^./, (letter) => letter.toUpperCase());

export class Reference {
  // `fieldResolver`, `typeResolver` and `read`, which makes an object from JSON text, can be others.
  constructor(schema, world, { fieldResolver = resolve, typeResolver = typeOf, read = JSON.parse } = {}) {
    this.schema = schema;
    this.world = world;
    this.read = read;
    this.resolvers = { fieldResolver, typeResolver };
    for (const [name, texts] of Object.entries(world.scalars)) Object.assign(schema.getType(name), texts);
  }

  // Returns how far a request comes, its data and its errors.
  run({ query, operationName, variables }, caller) {
    const { schema, world } = this;
    let document;
    try {
      document = parse(query);
    } catch (error) {
      return { stage: "parse", message: error.message };
    }
    const [invalid] = validate(schema, document, undefined, { maxErrors: 1 });
    if (invalid) return { stage: "validation", message: invalid.message };
    const operation = getOperationAST(document, operationName || undefined);
    if (!operation) return { stage: "validation", message: "no operation is chosen" };
    if (!schema.getRootType(operation.operation)) return { stage: "unsupported", message: `there is no ${operation.operation} type` };
    const values = this.read(variables ?? "{}");
    const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], values, { maxErrors: 1 });
    if (coerced.errors) return { stage: "variables", message: coerced.errors[0].message };
    const moved = [];
    const { data, errors = [] } = execute({
      schema,
      document,
      operationName: operation.name?.value,
      variableValues: values,
      contextValue: { caller, world, moved },
      rootValue: {},
      ...this.resolvers,
    });
    return { stage: "executed", data, errors, moved, message: errors[0]?.message };
  }
}
