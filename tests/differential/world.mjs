// The callers of the gateway, and the data that the gateway has about them. The reference answers from this data.

import { isScalarType } from "graphql";

const USER = "id username createdAt roles disabledAt";
const SESSION = "__typename id createdAt authenticatedAt clientAddress userAgent deviceName current";
const EVENT = "__typename id kind createdAt actorId clientAddress userAgent";
const ERRORS = "userErrors { __typename code message field retryAfter }";
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

// Logs the users in, and fetches everything once.
export async function meet(gateway, schema, password) {
  const cookies = { stranger: undefined };
  for (const agent of ["curl/8.0", FIREFOX]) await gateway.logIn("alice", password, agent);
  cookies.alice = await gateway.logIn("alice", password);
  cookies.admin = await gateway.logIn("admin", password, FIREFOX);

  const ask = async (query, cookie) => {
    const { body } = await gateway.send({ query }, cookie);
    if (body.errors) throw new Error(`${query}: ${JSON.stringify(body.errors)}`);
    return body.data;
  };
  const callers = { stranger: { name: "stranger", user: null, session: null, sessions: [], events: [] } };
  for (const name of ["alice", "admin"]) {
    const { me, session } = await ask(
      `{ me { ${USER} sessions(first: 100) { nodes { ${SESSION} } } securityEvents(first: 100) { nodes { ${EVENT} } } } session { id } }`,
      cookies[name],
    );
    const { sessions, securityEvents, ...user } = me;
    callers[name] = { name, user, sessions: sessions.nodes, events: securityEvents.nodes };
    callers[name].session = sessions.nodes.find(({ id }) => id === session.id);
  }
  const { users } = await ask(`{ users(first: 100) { nodes { ${USER} } } }`, cookies.admin);
  const { authSettings } = await ask("{ authSettings { usernameMaxLength passwordMinLength passwordMaxLength registrationOpen } }");
  // The gateway's descriptions of scalars, which are not rules.
  const scalars = {};
  for (const { name } of Object.values(schema.getTypeMap()).filter(isScalarType)) {
    scalars[name] = (await ask(`{ __type(name: "${name}") { description specifiedByURL } }`)).__type;
  }
  const login = (username) => `login(input: {username: "${username}", password: ""}) { user { id } session { id } ${ERRORS} }`;
  const payload = async (field, cookie) => Object.values(await ask(`mutation { ${field} }`, cookie))[0];
  const payloads = {
    register: await payload(
      `register(input: {username: "x", password: "x", confirmPassword: "x"}) { user { id } session { id } ${ERRORS} }`,
    ),
    emptyLogin: await payload(login("")),
    wrongLogin: await payload(login("nobody").replace('password: ""', 'password: "wrong"')),
    foreignSession: await payload(`revokeSession(input: {id: "session_0"}) { revokedSessionId user { id } ${ERRORS} }`, cookies.alice),
  };
  return { cookies, callers, users: users.nodes, authSettings, payloads, scalars };
}

// Ids that exist, that could exist, and that are invalid.
export function facts({ callers }, schema) {
  const { alice, admin } = callers;
  return {
    ids: [
      alice.user.id,
      ...alice.sessions.map(({ id }) => id),
      alice.events[0].id,
      admin.user.id,
      admin.session.id,
      "user_01h455vb4pex5vsknk084sn02q",
      "session_01h455vb4pex5vsknk084sn02q",
      "junk",
      "",
    ],
    typeNames: [...Object.keys(schema.getTypeMap()).filter((name) => !/^(__|Float)/.test(name)), "Nope", "__TypeKind"],
  };
}
