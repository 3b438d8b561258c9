// Sends queries over both schemas to the gateway with a service behind it, and to one graphql-js server that has both schemas.
//
//   GATEWAY_URL=… GATEWAY_PASSWORD=… SERVICE_PORT=… node one-endpoint.mjs < schema.graphql
//
// The users alice and admin must have that password. SEED is a number, or `random`; COUNT is the number of generated queries.
// SDL=introspected waits until the gateway has asked the service for its schema.
import { readFileSync } from "node:fs";

import { buildSchema } from "../differential/graphql.mjs";
import { Gateway } from "../differential/gateway.mjs";
import { run } from "../differential/run.mjs";
import { meet } from "../differential/world.mjs";
import { differ } from "./compare.mjs";
import { differences } from "./differences.mjs";
import { generated, picked } from "./documents.mjs";
import { forged, leaksDown } from "./headers.mjs";
import { schemaDifferences } from "./introspection.mjs";
import { merge } from "./merged.mjs";
import { read } from "./raw_json.mjs";
import { reference as makeReference } from "./reference.mjs";
import { implement, resolvers } from "./resolvers.mjs";
import { Service } from "./service.mjs";

const seed = process.env.SEED === "random" ? Math.floor(Math.random() * 2 ** 31) : Number(process.env.SEED ?? 2025);
const count = Number(process.env.COUNT ?? 2000);
const FORGED_EACH = 3;

const ownSdl = readFileSync(0, "utf8");
const theirSdl = readFileSync(new URL("service.graphql", import.meta.url), "utf8");
const merged = merge(ownSdl, theirSdl);
implement(merged.schema);

// The service is down while the users log in.
const gateway = new Gateway(process.env.GATEWAY_URL, read);
const world = await meet(gateway, buildSchema(ownSdl), process.env.GATEWAY_PASSWORD);
const users = world.users.map(({ id }) => id);
const theirs = resolvers(users);
const service = new Service(theirSdl, theirs, users);
await service.listen(Number(process.env.SERVICE_PORT));
const reference = makeReference(merged, world, theirs);

// The gateway asks every 15 s.
for (let at = 0; process.env.SDL === "introspected"; at += 1) {
  const { body } = await gateway.send({ query: '{ __type(name: "Task") { name } }' });
  if (body.data.__type) break;
  if (at > 100) throw new Error("the gateway does not show the service's schema");
  await new Promise((resolve) => setTimeout(resolve, 500));
}

const identities = {};
for (const caller of Object.keys(world.callers)) {
  const { body } = await gateway.send({ query: "{ me { id } }" }, world.cookies[caller]);
  identities[caller] = body.extensions.identity;
}

let number = 0;
async function both(request) {
  const { caller } = request;
  const expected = reference.run(request, world.callers[caller]);
  const trace = (number += 1).toString(16).padStart(32, "0");
  const headers = { ...forged(FORGED_EACH), traceparent: `00-${trace}-00000000000000ff-01` };
  const actual = await gateway.run({ ...request, headers }, world.cookies[caller]);
  const calls = service.take(trace);
  request.group = `${request.group.split(":")[0]}: ${expected.sides}${calls.some(({ isJoin }) => isJoin) ? ", with fields of users" : ""}`;
  const result = { request, expected, actual, calls, leaked: leaksDown(actual.answer.rawHeaders, gateway.origin) };
  return { ...result, difference: differ(result, identities[caller]) };
}

function* requests() {
  yield* picked(world);
  yield* generated(merged, service.schema, world, seed, count);
}

const isSame = await run({ requests: requests(), both, differences, seed });
const lines = await schemaDifferences(gateway, merged.schema, world.cookies.alice);
for (const line of lines) console.log(`the schema shown: ${line}`);
process.exitCode = isSame && lines.length === 0 ? 0 : 1;
if (gateway.repeated > 0) console.log(`repeated because the gateway was unavailable or closed a kept connection: ${gateway.repeated}`);
gateway.close();
service.close();
