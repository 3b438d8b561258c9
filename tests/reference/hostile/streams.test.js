// Answers that are forwarded while they arrive: `extensions.identity` is put into them, and every other byte stays as it is.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { read } from "../raw_json.mjs";
import { ask, identity } from "./client.js";
import { closed } from "./closed.js";
import { Fake, inChunks, whole } from "./fake.js";

const PURE = "{ tasks { id } }";
const IN_FLIGHT = 8;

const fake = new Fake();
before(() => fake.listen(Number(process.env.SERVICE_PORT)));
after(() => fake.close());

const DATA = String.raw`{"tasks":[{"id":"extensions","n":1.10,"text":"\"extensions\":{\"identity\":\\\"}"},{"extensions":{"identity":"inside"}}]}`;
const BODIES = [
  `{"data":${DATA}}`,
  `{"data":${DATA},"extensions":{}}`,
  `{"data":${DATA},"extensions":{"cost":12345678901234567890123}}`,
  `{"data":${DATA},"extensions":{"identity":"theirs","cost":1.10}}`,
  `{"data":${DATA},"extensions":{"cost":1.10,"identity":{"a":[1,"}"]},"last":1e400}}`,
  `{"extensions":{"cost":1.10},"data":${DATA}}`,
  `{"extensions":null,"data":${DATA}}`,
  `{"data":${DATA},"extensions":null}`,
  ` {\n\t"extensions" : { } ,\r\n "data" : ${DATA} } \n`,
  String.raw`{"data":null,"errors":[{"message":"\u0065xtensions","extensions":{"identity":"inside"}}],"\u0065xtensions":{"cost":1}}`,
];

// Returns an answer as the client must get it.
function expected(body) {
  const value = read(body);
  return { ...value, extensions: { ...value.extensions, identity } };
}

async function assertSpliced(body, answer) {
  assert.equal(answer.status, 200, answer.text);
  assert.ok(answer.isWhole);
  assert.deepEqual(read(answer.text), expected(body), answer.text);
  // The client reads the service's data byte by byte.
  if (body.includes(DATA)) assert.ok(answer.text.includes(DATA), answer.text);
}

for (const [at, body] of BODIES.entries()) {
  test(`identity is spliced at every chunk boundary (body ${at})`, async () => {
    const bytes = Buffer.from(body);
    const splits = Array.from({ length: bytes.length + 1 }, (_, at) => [bytes.subarray(0, at), bytes.subarray(at)]);
    splits.push([...bytes].map((byte) => Buffer.from([byte])));
    fake.answerWith((socket, { body }) => inChunks(socket, splits[JSON.parse(body).variables.at]));
    const waiting = splits.keys();
    const worker = async () => {
      for (const at of waiting) {
        const answer = await ask("query ($at: Int) { tasks(first: $at) { id } }", { variables: { at } });
        await assertSpliced(body, answer);
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  });
}

test("an answer of 20 MB is streamed, and spliced", async () => {
  const long = "x".repeat(20_000_000);
  fake.answerWith((socket) => socket.write(whole(`{"data":{"tasks":"${long}"}}`)));
  const answer = await ask(PURE);
  assert.ok(answer.isWhole);
  assert.deepEqual(read(answer.text.replace(long, "x")), expected('{"data":{"tasks":"x"}}'));
});

test("an answer of 100,000 levels is forwarded or refused, and the gateway lives", async () => {
  const body = `{"data":{"tasks":${"[".repeat(100_000)}${"]".repeat(100_000)}}}`;
  fake.answerWith((socket) => socket.write(whole(body)));
  const answer = await ask(PURE);
  if (answer.status === 200 && answer.isWhole) assert.ok(answer.text.includes(`"identity":"${identity}"`));
  const split = JSON.parse((await ask("{ me { username } tasks { id } broken }")).text.replace(/\[{1000,}\]{1000,}/, "[]"));
  assert.equal(split.extensions.identity, identity);
  fake.answerWith((socket) => socket.write(whole('{"data":{"tasks":[]}}')));
  assert.equal((await ask(PURE)).status, 200);
});

test("a byte order mark does not hide the identity", async () => {
  fake.answerWith((socket) => socket.write(whole('\uFEFF{"data":{"tasks":[]}}')));
  const answer = await ask(PURE);
  if (answer.status === 200 && answer.isWhole) assert.equal(JSON.parse(answer.text.replace("\uFEFF", "")).extensions.identity, identity);
  else assert.equal(answer.status, 502);
});

test("a deferred answer passes byte by byte, with the identity in a header", async () => {
  const type = "multipart/mixed; boundary=-";
  const parts = ['{"data":{"tasks":[{"id":"1"}]},"hasNext":true}', '{"incremental":[{"data":{"title":"t"},"path":["tasks",0]}],"hasNext":false}'];
  const body = `\r\n---\r\nContent-Type: application/json\r\n\r\n${parts[0]}\r\n---\r\nContent-Type: application/json\r\n\r\n${parts[1]}\r\n-----\r\n`;
  fake.answerWith((socket) => socket.write(whole(body, { type })));
  const answer = await ask("{ tasks { id ... @defer { title } } }", { accept: "multipart/mixed; deferSpec=20220824, application/json" });
  assert.equal(answer.text, body);
  assert.equal(answer.headers["content-type"], type);
  assert.equal(answer.headers["gatelodge-identity"], identity);
  assert.match(fake.requests[0].head, /^accept: multipart\/mixed/im);
  assert.match(JSON.parse(fake.requests[0].body).query, /@defer/);
});

test("a split query is not deferred", async () => {
  fake.answerWith((socket) => socket.write(whole('{"data":{"tasks":[]}}')));
  const answer = await ask("{ me { username } tasks { id ... @defer { title } } }", { accept: "multipart/mixed; deferSpec=20220824, application/json" });
  assert.deepEqual(JSON.parse(answer.text).data, { me: { username: "alice" }, tasks: [] });
  assert.doesNotMatch(JSON.parse(fake.requests[0].body).query, /@defer/);
});

const LEAVING = {
  "before the answer begins": () => {},
  "while the answer arrives": (socket) =>
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"data":'),
};
const OPERATIONS = { "a query": PURE, "a split query": "{ me { username } tasks { id } }", "a joined field": "{ me { score } }", "a mutation": "mutation { breakTask { id } }" };
for (const [when, answer] of Object.entries(LEAVING)) {
  for (const [what, query] of Object.entries(OPERATIONS)) {
    test(`a client that leaves ${when} ends the service's request of ${what} within a second`, async () => {
      await closed(fake.answerWith(answer), query);
    });
  }
}
