// Makes a request that differs smaller, as long as it differs in the same way.
import { tokens } from "./spelling.mjs";

const MAX_TRIES = 600;
const PIECES = /\w+|[^\w]/gu;

export async function shrink(result, both) {
  let best = result;
  let tries = 0;
  const attempt = async (change) => {
    tries += 1;
    const next = await both({ ...best.request, ...change });
    const { expected, actual, difference } = next;
    const same = difference && expected.stage === best.expected.stage && actual.stage === best.actual.stage;
    // The same message, names aside.
    const words = (run) => (run.stage === "executed" ? "" : run.message?.slice(0, 12));
    if (!same || words(expected) !== words(best.expected)) return false;
    best = next;
    return true;
  };
  const plain = tokens(best.request.query)?.map((token) => token.text);
  const asTokens = plain !== undefined && (await attempt({ query: plain.join(" ") }));
  const split = (text) => (asTokens ? (tokens(text)?.map((token) => token.text) ?? text.split(" ")) : (text.match(PIECES) ?? []));
  for (let size = 32; size >= 1; size = Math.floor(size / 2)) {
    let at = 0;
    while (tries < MAX_TRIES) {
      const parts = split(best.request.query);
      if (at >= parts.length) break;
      const query = [...parts.slice(0, at), ...parts.slice(at + size)].join(asTokens ? " " : "");
      if (query === best.request.query || !(await attempt({ query }))) at += size;
    }
  }
  if (await attempt({ variables: "{}" })) return best;
  for (const name of Object.keys(JSON.parse(best.request.variables ?? "{}"))) {
    const values = JSON.parse(best.request.variables);
    delete values[name];
    await attempt({ variables: JSON.stringify(values) });
  }
  return best;
}
