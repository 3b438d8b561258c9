// The requests of a run: hand-picked ones, then generated ones.
import { cases } from "./cases/index.mjs";
import { listed } from "./differences.mjs";
import { Generator } from "./generate.mjs";
import { isBeyondLimits } from "./limits.mjs";
import { Mutator } from "./mutate.mjs";
import { Random } from "./random.mjs";
import { facts } from "./world.mjs";

const VALID_SHARE = 0.35;
const MORE_NAMES = ["id", "me", "node", "session", "first", "after", "input", "username", "x", "skip", "include", "a", "b"];

// Returns the hand-picked requests. They may contain ids that only this run has.
export function picked(world) {
  const { alice } = world.callers;
  const named = (text) => text?.replaceAll("ALICE_ID", alice.user.id).replaceAll("SESSION_ID", alice.session.id);
  return [...cases, ...listed].map(({ caller = "alice", ...rest }) => {
    return { ...rest, caller, query: named(rest.query), variables: named(rest.variables), group: "hand-picked" };
  });
}

// Yields `count` generated requests: valid ones, and ones with random changes.
export function* generated(schema, world, seed, count) {
  const random = new Random(seed);
  const generator = new Generator(schema, facts(world, schema), random);
  const types = Object.values(schema.getTypeMap());
  const fields = types.flatMap((type) => [type.name, ...Object.keys(type.getFields?.() ?? {})]);
  const names = [...new Set(fields), ...types.map((type) => type.name), ...MORE_NAMES];
  const mutator = new Mutator(random, names, () => generator.request().query);
  let made = 0;
  while (made < count) {
    const valid = generator.request();
    const request = random.chance(VALID_SHARE) ? valid : mutator.mutate(valid);
    request.query = request.query.toWellFormed();
    const caller = callerFor(random, world, request);
    if (!caller || isBeyondLimits(request.query)) continue;
    made += 1;
    const group = request === valid ? "generated, valid" : "generated, changed";
    yield { ...request, caller, rule: group, group };
  }
}

// Returns a caller for whom the request changes nothing, or `undefined` when there is no such caller.
export function callerFor(random, world, { query, variables }) {
  const text = `${query} ${variables}`;
  const mutation = text.includes("mutation");
  if (/login|reauthenticate/.test(text) && mutation && /alice|admin/i.test(text)) return undefined;
  if (!mutation) return random.pick(["stranger", "alice", "alice", "alice", "admin"]);
  const changes = /login|logout|revokeOther|deleteUser|change|reauth|disableUser|revokeUser/.test(text);
  const own = world.callers.alice.sessions.some(({ id }) => text.includes(id));
  return changes || own ? "stranger" : random.pick(["stranger", "alice"]);
}
