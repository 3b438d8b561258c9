// Sends the same documents to the gateway and to graphql-js, and compares how far each came and what it answered.
//
//   GATEWAY_URL=… GATEWAY_PASSWORD=… node differential.mjs < schema.graphql
//
// The users alice and admin must have that password. SEED is a number, or `random`; COUNT is the number of generated documents;
// SHOW is the number of differences of each kind that are made small and printed.
import { readFileSync } from "node:fs";

import { buildSchema } from "graphql";

import { differ } from "./compare.mjs";
import { differences } from "./differences.mjs";
import { generated, picked } from "./documents.mjs";
import { Gateway } from "./gateway.mjs";
import { Reference } from "./reference.mjs";
import { run } from "./run.mjs";
import { meet } from "./world.mjs";

const seed = process.env.SEED === "random" ? Math.floor(Math.random() * 2 ** 31) : Number(process.env.SEED ?? 2025);
const count = Number(process.env.COUNT ?? 5000);

const schema = buildSchema(readFileSync(0, "utf8"));
const gateway = new Gateway(process.env.GATEWAY_URL);
const world = await meet(gateway, schema, process.env.GATEWAY_PASSWORD);
const reference = new Reference(schema, world);

// Runs a request on both sides.
async function both(request) {
  const expected = reference.run(request, world.callers[request.caller]);
  const actual = await gateway.run(request, world.cookies[request.caller]);
  return { request, expected, actual, difference: differ(request, expected, actual) };
}

function* requests() {
  yield* picked(world);
  yield* generated(schema, world, seed, count);
}

process.exitCode = (await run({ requests: requests(), both, differences, seed })) ? 0 : 1;
if (gateway.repeated > 0) console.log(`repeated because the gateway was unavailable or closed a kept connection: ${gateway.repeated}`);
gateway.close();
