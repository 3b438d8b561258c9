// Runs every audit of graphql-http (MUST, SHOULD and MAY alike) against a running GraphQL server.
// A server passes when all are ok: what graphql-http calls a warning or a notice is a failure here.
// Some audits ask for `__type`, so the server must allow introspection.
import { serverAudits } from "graphql-http";

const url = process.argv[2];
if (process.argv.length !== 3 || !URL.canParse(url)) {
  console.error("usage: node audit.mjs http://localhost:8000/graphql");
  process.exit(2);
}

const fetchFn = (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(10_000) });

// Returns the server's answer in one line, for the developer who fixes it.
async function describe(response) {
  const body = response.bodyUsed ? "" : (await response.text()).replace(/\s+/g, " ").slice(0, 200);
  return `got ${response.status} ${response.headers.get("content-type") ?? "without content-type"} ${body}`.trim();
}

let passed = 0;
let failed = 0;
for (const { id, name, fn } of serverAudits({ url, fetchFn })) {
  // An audit throws only when there was no answer at all.
  const result = await fn().catch((error) => ({ reason: `no answer: ${error.cause?.message ?? error.message}` }));
  if (result.status === "ok") {
    passed += 1;
    console.log(`ok   ${id} ${name}`);
  } else {
    failed += 1;
    const answer = result.response ? `; ${await describe(result.response)}` : "";
    console.log(`FAIL ${id} ${name}: ${result.reason}${answer}`);
  }
}

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
