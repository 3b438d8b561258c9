// Connections to the service, and what a request to it has.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ask, cookie } from "./client.js";
import { Fake, whole } from "./fake.js";
import { FORGED } from "../headers.mjs";

const PURE = "{ tasks { id } }";
const MUTATION = "mutation { breakTask { id } }";
const GOOD = whole('{"data":{"tasks":[]}}');

const fake = new Fake();
before(() => fake.listen(Number(process.env.SERVICE_PORT)));
after(() => fake.close());

// Breaks the second request of each connection, and answers all others.
function breakReused() {
  const seen = new WeakSet();
  fake.answerWith((socket) => {
    if (seen.has(socket)) socket.destroy();
    else {
      seen.add(socket);
      socket.write(GOOD);
    }
  });
}

test("a query is sent again when a reused connection breaks", async () => {
  breakReused();
  for (let at = 0; at < 3; at += 1) assert.equal((await ask(PURE)).status, 200);
  assert.ok(fake.requests.length > 3, "no connection was reused");
});

test("a mutation is never sent again", async () => {
  for (const { socket } of fake.requests) socket.destroy();
  breakReused();
  assert.equal((await ask(MUTATION)).status, 200);
  const before = fake.requests.length;
  assert.equal((await ask(MUTATION)).status, 502);
  assert.equal(fake.requests.length, before + 1);
});

test("a query is sent twice at most", async () => {
  let answered = false;
  fake.answerWith((socket) => {
    if (answered) socket.destroy();
    else socket.write(GOOD);
    answered = true;
  });
  await ask(PURE);
  assert.equal((await ask(PURE)).status, 502);
  assert.ok(fake.requests.length <= 3, `${fake.requests.length} requests`);
});

test("a request has one token and no cookie, and none of the client's identity headers", async () => {
  fake.answerWith((socket) => socket.write(GOOD));
  const headers = Object.fromEntries(FORGED.map((name) => [name, "forged-by-the-client"]));
  headers.authorization = "Bearer forged-by-the-client";
  headers.connection = "close, Authorization, X-Keep";
  const answers = [await ask(PURE, { headers, more: { extensions: { other: 1, trace: "passes" } } }), await ask(PURE, { headers, method: "GET" })];
  assert.deepEqual(answers.map(({ status }) => status), [200, 200], answers.map(({ text }) => text).join());
  assert.equal(fake.requests.length, 2);
  for (const { head } of fake.requests) {
    assert.doesNotMatch(head, /forged-by-the-client/);
    assert.ok(!head.toLowerCase().includes("cookie") && !head.includes(cookie), head);
    assert.equal(head.match(/^authorization: Bearer ey/gim)?.length, 1, head);
    assert.match(head, /^POST \/graphql HTTP\/1\.1\r\n/);
    assert.equal(head.match(/^content-length:/gim)?.length, 1, head);
    assert.doesNotMatch(head, /^transfer-encoding:/im);
  }
  const [{ extensions }, second] = fake.requests.map(({ body }) => JSON.parse(body));
  assert.deepEqual(extensions, { trace: "passes" });
  assert.match(second.query, /tasks/);
});

test("_entities and _service are refused, and the service is not asked", async () => {
  fake.answerWith((socket) => socket.write(GOOD));
  for (const query of ["{ _service { sdl } }", '{ tasks { id } _entities(representations: []) { ... on User { id } } }', "{ ... on Query { a: _service { sdl } } }"]) {
    const { errors } = JSON.parse((await ask(query)).text);
    assert.equal(errors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
  }
  assert.equal(fake.requests.length, 0);
});

test("a mutation with fields of both is refused, naming them", async () => {
  fake.answerWith((socket) => socket.write(GOOD));
  const { errors } = JSON.parse((await ask("mutation { logout { loggedOut } breakTask { id } }")).text);
  assert.equal(errors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
  assert.match(errors[0].message, /logout.*breakTask|breakTask.*logout/);
  assert.equal(fake.requests.length, 0);
});
