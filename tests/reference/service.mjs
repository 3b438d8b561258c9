// The service behind the gateway: graphql-js, with `_entities` of Apollo Federation.
import http from "node:http";

import { buildSchema, execute, parse, validate } from "../differential/graphql.mjs";
import { FROM_SERVICE, leaks } from "./headers.mjs";
import { print, read } from "./raw_json.mjs";
import { implement } from "./resolvers.mjs";

const FEDERATION = `
  directive @key(fields: String!) repeatable on OBJECT
  scalar _Any
  union _Entity = User
  type _Service { sdl: String! }
  extend type Query { _entities(representations: [_Any!]!): [_Entity]! _service: _Service! }
`;

export class Service {
  // `users` are the gateway's users, whose fields the service has.
  constructor(sdl, resolvers, users) {
    this.schema = implement(buildSchema(sdl + FEDERATION));
    this.users = users;
    this.resolvers = { ...resolvers, Query: { ...resolvers.Query, _entities: (_, args) => this.#entities(args), _service: () => ({ sdl }) } };
    this.calls = new Map();
    this.server = http.createServer((request, response) => {
      const chunks = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => this.#answer(request, Buffer.concat(chunks).toString(), response));
    });
    // Longer than the gateway keeps a connection.
    this.server.keepAliveTimeout = 30_000;
  }

  listen(port) {
    return new Promise((resolve) => this.server.listen(port, "127.0.0.1", resolve));
  }

  close() {
    this.server.close();
    this.server.closeAllConnections();
  }

  // Returns the requests that arrived with a trace id, once.
  take(trace) {
    const calls = this.calls.get(trace) ?? [];
    this.calls.delete(trace);
    return calls;
  }

  #entities({ representations }) {
    return representations.map(({ __typename, id }) => (__typename === "User" && this.users.includes(id) ? { __typename, id, isTheirs: true } : null));
  }

  #answer(request, body, response) {
    const problems = leaks(request, this.users);
    const token = request.headers.authorization?.split(".")[1];
    const viewer = token && JSON.parse(Buffer.from(token, "base64url")).sub;
    const envelope = read(body);
    const unknown = Object.keys(envelope).filter((key) => !["query", "variables", "operationName", "extensions"].includes(key));
    if (unknown.length > 0) problems.push(`members of the request: ${unknown}`);
    const answer = this.#run(envelope, viewer, problems);
    const ordered = this.#withExtensions(answer, envelope.query);
    const trace = request.headers.traceparent?.split("-")[1];
    this.calls.set(trace, [...(this.calls.get(trace) ?? []), { problems, envelope, extensions: ordered.extensions, isJoin: /\b_entities\b/.test(envelope.query) }]);
    const text = print(ordered);
    response.writeHead(200, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text), ...FROM_SERVICE });
    response.end(text);
  }

  // Answers have `extensions` first, last or not at all, and may name an identity.
  #withExtensions(answer, query) {
    const extensions = { identity: "theirs", cost: { requested: 1.5 }, length: query.length };
    return [answer, { ...answer, extensions }, { extensions, ...answer }][query.length % 3];
  }

  #run({ query, operationName, variables = {} }, viewer, problems) {
    const { schema } = this;
    let document;
    try {
      document = parse(query);
    } catch (error) {
      return { errors: [error.toJSON()] };
    }
    const operations = document.definitions.filter(({ kind }) => kind === "OperationDefinition");
    if (operations.length !== 1) problems.push(`${operations.length} operations`);
    const defined = operations[0].variableDefinitions.map(({ variable }) => variable.name.value);
    const extra = Object.keys(variables).filter((name) => !defined.includes(name));
    if (extra.length > 0) problems.push(`variables that the operation does not define: ${extra}`);
    const errors = validate(schema, document, undefined, { maxErrors: 5 });
    if (errors.length > 0) return { errors: errors.map((error) => error.toJSON()) };
    const fieldResolver = (source, args, context, info) => {
      const resolver = this.resolvers[info.parentType.name]?.[info.fieldName];
      return resolver ? resolver(source, args, context) : source[info.fieldName];
    };
    const contextValue = { viewer };
    const result = execute({ schema, document, operationName, variableValues: variables, contextValue, rootValue: {}, fieldResolver });
    return { ...result, ...(result.errors && { errors: result.errors.map((error) => error.toJSON()) }) };
  }
}
