// The requests of a run: hand-picked ones, then generated ones.
import { callerFor } from "../differential/documents.mjs";
import { Generator } from "../differential/generate.mjs";
import { Random } from "../differential/random.mjs";
import { facts } from "../differential/world.mjs";
import { cases } from "./cases.mjs";
import { listed } from "./differences.mjs";
import { profile } from "./profile.mjs";

export function picked(world) {
  const { alice } = world.callers;
  const named = (text) => text?.replaceAll("ALICE_ID", alice.user.id).replaceAll("SESSION_ID", alice.session.id);
  return [...cases, ...listed].map((request) => ({ caller: "alice", ...request, query: named(request.query), variables: named(request.variables), group: "hand-picked" }));
}

// Yields `count` valid requests.
export function* generated(merged, service, world, seed, count) {
  const random = new Random(seed);
  const known = facts(world, merged.schema);
  known.ids.push("task_0", "task_1", "task_5", "project_0", "project_1", "task_none");
  const generator = new Generator(merged.schema, known, random, profile(merged, service));
  for (let made = 0; made < count; ) {
    const request = generator.request();
    request.query = request.query.toWellFormed();
    const caller = callerFor(random, world, request);
    if (!caller) continue;
    made += 1;
    yield { ...request, caller, rule: "generated", group: "generated" };
  }
}
