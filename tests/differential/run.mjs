// Sends requests to both sides, reports, and returns whether all differences are listed ones.
import { describe } from "./compare.mjs";
import { shrink } from "./shrink.mjs";

const IN_FLIGHT = 4;
const shown = Number(process.env.SHOW ?? 10);

export async function run({ requests, both, differences, seed }) {
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

  async function worker() {
    for (const request of requests) judge(await both(request));
  }
  const started = Date.now();
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  const seconds = (Date.now() - started) / 1000;

  for (const [group, found] of Object.entries(stages)) console.log(`${group}: ${JSON.stringify(found)}`);
  for (const [listed, times] of known) console.log(`known difference, ${times} times: ${listed.name}`);
  for (const line of wrong) console.log(`\n${line}`);
  const kinds = {};
  for (const result of unlisted) (kinds[`${result.expected.stage}, gateway ${result.actual.stage}`] ??= []).push(result);
  for (const [kind, results] of Object.entries(kinds)) {
    console.log(`\n=== graphql-js ${kind}: ${results.length}`);
    for (const result of results.slice(0, shown)) console.log(describe(await shrink(result, both)));
  }
  const total = Object.values(stages).flatMap((found) => Object.values(found)).reduce((sum, times) => sum + times, 0);
  console.log(`${total} documents in ${seconds.toFixed(1)} s, seed ${seed}: ${unlisted.length} differences, ${wrong.length} wrong cases`);
  return unlisted.length + wrong.length === 0;
}
