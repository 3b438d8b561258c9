// Sends the same documents to the gateway and to graphql-js, and compares how far each came and what it answered.
//
//   GATEWAY_URL=… GATEWAY_PASSWORD=… node differential.mjs < schema.graphql
//
// The users alice and admin must have that password. SEED is a number, or `random`; COUNT is the number of generated documents;
// SHOW is the number of differences of each kind that are made small and printed.
import { readFileSync } from "node:fs";

import { buildSchema } from "graphql";

import { describe, differ } from "./compare.mjs";
import { differences } from "./differences.mjs";
import { generated, picked } from "./documents.mjs";
import { Gateway } from "./gateway.mjs";
import { Reference } from "./reference.mjs";
import { shrink } from "./shrink.mjs";
import { meet } from "./world.mjs";

const IN_FLIGHT = 4;

const seed = process.env.SEED === "random" ? Math.floor(Math.random() * 2 ** 31) : Number(process.env.SEED ?? 2025);
const count = Number(process.env.COUNT ?? 5000);
const shown = Number(process.env.SHOW ?? 10);

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

const stages = {};
const known = new Map(differences.map((difference) => [difference, 0]));
const unlisted = [];
const wrong = [];

function judge(result) {
  const { request, expected, difference } = result;
  const group = (stages[request.group] ??= {});
  group[expected.stage] = (group[expected.stage] ?? 0) + 1;
  if (request.expect && request.expect !== expected.stage) {
    wrong.push(`graphql-js ends at ${expected.stage}, but the case says ${request.expect}:\n${describe(result)}`);
  }
  const listed = difference && differences.find((listed) => listed.matches(result));
  if (request.difference && request.difference !== listed) {
    wrong.push(`no longer occurs: ${request.difference.name}\n${describe(result)}`);
  }
  if (listed) known.set(listed, known.get(listed) + 1);
  else if (difference) unlisted.push(result);
}

const source = requests();
async function worker() {
  for (const request of source) judge(await both(request));
}
const started = Date.now();
await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
const seconds = (Date.now() - started) / 1000;

for (const [group, found] of Object.entries(stages)) console.log(`${group}: ${JSON.stringify(found)}`);
for (const [listed, times] of known) console.log(`known difference, ${times} times: ${listed.name}`);
if (gateway.repeated > 0) console.log(`repeated because the gateway was unavailable or closed a kept connection: ${gateway.repeated}`);
for (const line of wrong) console.log(`\n${line}`);
const kinds = {};
for (const result of unlisted) (kinds[`${result.expected.stage}, gateway ${result.actual.stage}`] ??= []).push(result);
for (const [kind, results] of Object.entries(kinds)) {
  console.log(`\n=== graphql-js ${kind}: ${results.length}`);
  for (const result of results.slice(0, shown)) console.log(describe(await shrink(result, both)));
}
gateway.close();
const total = Object.values(stages).flatMap((found) => Object.values(found)).reduce((sum, times) => sum + times, 0);
console.log(`${total} documents in ${seconds.toFixed(1)} s, seed ${seed}: ${unlisted.length} differences, ${wrong.length} wrong cases`);
process.exitCode = unlisted.length + wrong.length === 0 ? 0 : 1;
