// A service that breaks in every way that HTTP has. A client gets a clear error, or an answer that it can see is not whole.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { leaksDown } from "../headers.mjs";
import { ask, identity } from "./client.js";
import { CHUNKED_HEAD, chunk, Fake, repeatedly, whole } from "./fake.js";

const PURE = "{ tasks { id } }";
const SPLIT = "{ me { username } broken }";
const SPLIT_NON_NULL = "{ me { username } big }";
const JOINED = "{ me { username score } }";
const MUTATION = 'mutation { renameTask(id: "task_1", title: "x") { id } }';
// The settings of the run, with room for a slow machine.
const MAX_MS = { GATEWAY_TIMEOUT: 6000, BAD_GATEWAY: 6000 };

const MAX_MORE_MIB = 48;

const fake = new Fake();
before(() => fake.listen(Number(process.env.SERVICE_PORT)));
after(() => fake.close());

const closing = (bytes) => (socket) => socket.end(bytes);
const GOOD = '{"data":{"tasks":[]}}';

// Before anything of the answer can be given to the client.
const UNUSABLE = {
  "closes without an answer": closing(""),
  "answers no HTTP": closing("hello\r\n\r\n"),
  "answers half a head": closing("HTTP/1.1 200 OK\r\nContent-Ty"),
  "answers text": closing(whole("hello", { type: "text/plain" })),
  "answers HTML": closing(whole("<p>hello", { type: "text/html" })),
  "answers without a type": closing("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
  "switches protocols": closing("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
  "has no content": closing("HTTP/1.1 204 No Content\r\n\r\n"),
  redirects: closing(whole(GOOD, { status: "301 Moved Permanently", headers: [`Location: http://127.0.0.1:${process.env.SERVICE_PORT}/elsewhere`] })),
  "redirects and keeps the method": closing(whole(GOOD, { status: "307 Temporary Redirect", headers: ["Location: /elsewhere"] })),
  "says 401": closing(whole(GOOD, { status: "401 Unauthorized", headers: ['WWW-Authenticate: Basic realm="x"'] })),
  "says 403": closing(whole(GOOD, { status: "403 Forbidden" })),
  "says 404": closing(whole(GOOD, { status: "404 Not Found" })),
  "says 500 with HTML": closing(whole("<h1>Secret stack trace</h1>", { status: "500 Internal Server Error", type: "text/html" })),
  "says 503": closing(whole(GOOD, { status: "503 Service Unavailable", headers: ["Retry-After: 100"] })),
  "answers compressed": closing(whole(GOOD, { headers: ["Content-Encoding: gzip"] })),
  "has a head of 10 MB": (socket) => socket.end(`HTTP/1.1 200 OK\r\n${`X-A: ${"a".repeat(10_000)}\r\n`.repeat(1000)}\r\n`),
  "has 10,000 headers": (socket) => socket.end(`HTTP/1.1 200 OK\r\n${"X-A: a\r\n".repeat(10_000)}\r\n`),
  "is silent": () => {},
  "sends one byte of its head at a time": (socket) => {
    const head = [...`HTTP/1.1 200 OK\r\nX-Long: ${"x".repeat(1000)}`];
    repeatedly(socket, 300, () => socket.write(head.shift() ?? "x"));
  },
};
const TIMEOUTS = ["is silent", "sends one byte of its head at a time"];

function assertFailed(answer, status, code) {
  const body = JSON.parse(answer.text);
  assert.equal(answer.status, status);
  assert.deepEqual(body.errors.map((error) => error.extensions.code), [code]);
  assert.equal(body.extensions.identity, identity);
  assert.ok(answer.took < MAX_MS[code], `${answer.took} ms`);
  assert.doesNotMatch(answer.text, /Secret|127\.0\.0\.1/);
  assert.equal(answer.headers["www-authenticate"], undefined);
  assert.equal(answer.headers.location, undefined);
  assert.deepEqual(leaksDown(answer.rawHeaders, process.env.GATEWAY_URL), []);
  return body;
}

for (const [name, answer] of Object.entries(UNUSABLE)) {
  const code = TIMEOUTS.includes(name) ? "GATEWAY_TIMEOUT" : "BAD_GATEWAY";
  test(`a service that ${name} is ${code}`, async () => {
    fake.answerWith(answer);
    const answers = await Promise.all([PURE, MUTATION, SPLIT, SPLIT_NON_NULL, JOINED].map((query) => ask(query)));
    for (const answer of answers.splice(0, 2)) assert.ok(!("data" in assertFailed(answer, code === "BAD_GATEWAY" ? 502 : 504, code)));
    const [split, bubbled, joined] = answers.map((answer) => assertFailed(answer, 200, code));
    assert.deepEqual(split.data, { me: { username: "alice" }, broken: null });
    assert.deepEqual([split.errors[0].path, split.errors[0].locations], [["broken"], [{ line: 1, column: 19 }]]);
    assert.equal(bubbled.data, null);
    assert.deepEqual(joined.data, { me: { username: "alice", score: null } });
    assert.deepEqual(joined.errors[0].path, ["me", "score"]);
  });
}

// Bodies that are no answer. Where an answer is streamed, its head may have left already: then it must not look whole.
const BAD_BODIES = {
  "an empty body": whole(""),
  "no JSON": whole("hello"),
  null: whole("null"),
  "a list": whole('[{"data":{}}]'),
  "a text": whole('"data"'),
  "an object without data or errors": whole("{}"),
  "more after the object": whole(`${GOOD}{"data":1}`),
  "half a body": `${whole(GOOD).toString().slice(0, -8)}`,
  "half a chunked body": Buffer.concat([Buffer.from(CHUNKED_HEAD), chunk(Buffer.from(GOOD.slice(0, 10)))]),
  "chunks that are none": `${CHUNKED_HEAD}zz\r\n${GOOD}\r\n`,
  "an unterminated text": whole('{"data":{"tasks":"'),
  "data twice": whole('{"data":{"tasks":[]},"data":{"tasks":[1]}}'),
  "extensions twice": whole('{"data":{"tasks":[]},"extensions":{"identity":"theirs"},"extensions":{"identity":"theirs"}}'),
  "extensions that are a list": whole('{"data":{"tasks":[]},"extensions":[1]}'),
};

for (const [name, bytes] of Object.entries(BAD_BODIES)) {
  test(`a service that answers with ${name} gives no wrong answer`, async () => {
    fake.answerWith(closing(bytes));
    const answer = await ask(PURE);
    if (answer.status === 502) assertFailed(answer, 502, "BAD_GATEWAY");
    else if (answer.isWhole) {
      // What is passed on as a whole answer is one that the client can read, with our identity and nobody else's.
      const body = JSON.parse(answer.text);
      assert.equal(body.extensions.identity, identity, answer.text);
      assert.ok("data" in body || "errors" in body, answer.text);
      assert.equal(answer.text.match(/"identity"/g).length, 1, answer.text);
    }
    const split = JSON.parse((await ask(SPLIT)).text);
    assert.equal(split.extensions.identity, identity);
    // JSON with a key twice may be read; a body that is none may not.
    if (!/twice|extensions that/.test(name)) assert.deepEqual(split.errors.map((error) => error.extensions.code), ["BAD_GATEWAY"]);
  });
}

test("data: null of a service is data: null of a split query", async () => {
  fake.answerWith(closing(whole('{"data":null,"errors":[{"message":"m","path":["big"]}]}')));
  const { data, errors } = JSON.parse((await ask(SPLIT_NON_NULL)).text);
  assert.deepEqual([data, errors], [null, [{ message: "m", path: ["big"] }]]);
});

// The gateway's memory, in MiB.
const memory = () => Number(/^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${process.env.GATEWAY_PID}/status`, "utf8"))[1]) / 1024;

test("an endless answer ends, and takes no memory", async () => {
  const before = memory();
  const megabyte = chunk(Buffer.alloc(1024 * 1024, "a"));
  fake.answerWith((socket) => {
    socket.write(CHUNKED_HEAD);
    socket.write(chunk(Buffer.from('{"data":{"tasks":"')));
    const more = () => {
      while (!socket.destroyed && socket.write(megabyte));
    };
    socket.on("drain", more);
    more();
  });
  const split = await ask(SPLIT);
  assertFailed(split, 200, "BAD_GATEWAY");
  const pure = await ask(PURE);
  assert.ok(!pure.isWhole, `${pure.bytes} bytes arrived as a whole answer`);
  assert.ok(pure.took < 10_000);
  assert.ok(pure.bytes > MAX_MORE_MIB * 2 ** 20, "the answer was too short to see it");
  assert.ok(memory() - before < MAX_MORE_MIB, `${before} MiB, then ${memory()} MiB`);
});

for (const [name, interval, max] of [["one byte at a time", 300, 6000], ["nothing after its beginning", 1e6, 4000]]) {
  test(`a service that sends ${name} is cut off`, async () => {
    fake.answerWith((socket) => {
      const text = [...`{"data":{"tasks":"${"a".repeat(10_000)}`];
      socket.write(CHUNKED_HEAD);
      socket.write(chunk(Buffer.from(text.shift())));
      repeatedly(socket, interval, () => socket.write(chunk(Buffer.from(text.shift()))));
    });
    const [split, pure] = await Promise.all([ask(SPLIT), ask(PURE)]);
    assertFailed(split, 200, "GATEWAY_TIMEOUT");
    assert.ok(pure.status === 504 || !pure.isWhole, `${pure.status} ${pure.text}`);
    assert.ok(pure.took < max && split.took < max, `${pure.took} ms, ${split.took} ms`);
  });
}
