// What happens to sockets when clients leave, the service restarts and the gateway stops; and what idle sockets cost.
import assert from "node:assert/strict";
import { times } from "./endings.mjs";
import { register, request, run, sleep, subscribe } from "./gate.mjs";

const SOCKETS_PER_SESSION = 100;
const RECONNECT_MS = 20_000;

// Opens sockets with subscriptions, several for each session.
async function open(gate, prefix, count) {
  const cookies = await times(Math.ceil(count / SOCKETS_PER_SESSION), (at) => register(gate, `${prefix}-${at}`));
  return times(count, (at) => subscribe(gate, cookies[Math.floor(at / SOCKETS_PER_SESSION)]));
}

async function until(what, limit, condition) {
  const began = performance.now();
  while (!condition()) {
    assert.ok(performance.now() - began < limit, `${what} not within ${limit} ms`);
    await sleep(10);
  }
  return `${Math.round(performance.now() - began)} ms`;
}

export async function stream({ gate, service, prefix, tell }) {
  const cookie = await register(gate, `${prefix}-stream`);
  const answer = await request(gate, cookie, { query: "subscription { ticks }" }, "text/event-stream");
  assert.equal(answer.statusCode, 200);
  const ended = new Promise((resolve) => answer.on("error", () => {}).on("close", resolve));
  await new Promise((resolve) => answer.once("data", resolve));
  await run(gate, cookie, "mutation { logout { __typename } }");
  const began = performance.now();
  await Promise.race([ended, sleep(5000)]);
  const took = performance.now() - began;
  tell("an event stream after its logout", `cut after ${Math.round(took)} ms`);
  assert.ok(took < 1000, "the stream was cut too late");
  await until("the service's stream ends", 1000, () => service.streams.size === 0);
}

export async function quietClients({ gate, service, prefix, size, tell }) {
  const sockets = await open(gate, `${prefix}-quiet`, size.leave);
  assert.equal(service.open, size.leave);
  for (const socket of sockets) socket._socket.destroy();
  const took = await until("the service's sockets end", 1000, () => service.open === 0);
  tell(`${size.leave} clients leave without a close`, `0 sockets of the service after ${took}`);
}

export async function restart({ gate, service, prefix, size, tell }) {
  const count = size.leave;
  const cookie = await register(gate, `${prefix}-restart`);
  const sockets = await times(count, () => subscribe(gate, cookie));
  let back = 0;
  // As graphql-ws does: 1013 is a reason to connect again, with back-off.
  const clients = sockets.map(async (socket) => {
    assert.equal((await socket.ended).code, 1013, "close code of a restart");
    for (let wait = 100; ; wait = Math.min(2 * wait, 2000)) {
      await sleep(wait * (0.5 + Math.random()));
      const live = await subscribe(gate, cookie).catch(() => null);
      if (!live) continue;
      back += 1;
      return live;
    }
  });
  const { port } = service;
  await service.stop();
  await sleep(500);
  await service.start(port);
  const took = await until("clients are back", RECONNECT_MS, () => back === count);
  tell(`the service restarts under ${count} clients`, `all live again ${took} after it is back`);
  for (const live of await Promise.all(clients)) live.terminate();
  await until("the sockets end", 5000, () => service.open === 0);
}

export async function idle({ gate, service, prefix, size, tell }) {
  await sleep(500);
  const before = gate.memory();
  const sockets = await open(gate, `${prefix}-idle`, size.pairs);
  assert.equal(service.open, size.pairs);
  await sleep(500);
  const each = (gate.memory() - before) / size.pairs;
  tell(`${size.pairs} idle pairs of sockets`, `${each.toFixed(1)} KiB of memory for each`);
  for (const socket of sockets) socket.terminate();
  const took = await until("the sockets end", 10_000, () => service.open === 0);
  tell(`${size.pairs} pairs leave at once`, `0 sockets of the service after ${took}`);
}

export async function stop({ gate, prefix, tell }) {
  const sockets = await open(gate, `${prefix}-stop`, 500);
  const began = performance.now();
  const status = await gate.stop();
  const took = Math.round(performance.now() - began);
  const codes = await Promise.all(sockets.map(async (socket) => (await socket.ended).code));
  const right = codes.filter((code) => code === 1012).length;
  tell("SIGTERM with 500 sockets", `${right} got 1012; exit status ${status} after ${took} ms`);
  assert.equal(right, 500);
  assert.equal(status, 0);
}
