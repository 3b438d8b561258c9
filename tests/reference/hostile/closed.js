import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";

import { begin } from "./client.js";

const MAX_MS = 1000;
// Long enough for the beginning of an answer to pass through.
const HEAD_START_MS = 100;

// Begins an operation, leaves when the service has it, and checks that the service's connection ends.
export async function closed(fake, query) {
  const arrived = fake.next();
  const request = begin(query);
  const { socket } = await arrived;
  await new Promise((resolve) => setTimeout(resolve, HEAD_START_MS));
  const ended = new Promise((resolve) => socket.once("close", resolve));
  const left = performance.now();
  request.destroy();
  await ended;
  const took = performance.now() - left;
  assert.ok(took < MAX_MS, `it took ${took} ms`);
}
