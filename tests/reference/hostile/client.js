// A client of the gateway that sees whether an answer is whole.
import http from "node:http";
import { performance } from "node:perf_hooks";

import { Gateway } from "../../differential/gateway.mjs";

const ORIGIN = process.env.GATEWAY_URL;
const MAX_BYTES = 64 * 1024 * 1024;

export const gateway = new Gateway(ORIGIN);
export const cookie = await gateway.logIn("alice", process.env.GATEWAY_PASSWORD);

// Sends an operation. Returns the status, the headers, the text and whether it is whole.
export function ask(query, { accept = "application/json", variables = {}, headers = {}, method = "POST", more = {} } = {}) {
  const body = JSON.stringify({ query, variables, ...more });
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const options = { method, agent: false, headers: { "content-type": "application/json", accept, origin: ORIGIN, cookie, ...headers } };
    const target = method === "GET" ? `${ORIGIN}/graphql?query=${encodeURIComponent(query)}` : `${ORIGIN}/graphql`;
    const request = http.request(target, options, (response) => {
      const chunks = [];
      let bytes = 0;
      const done = () => {
        const { statusCode: status, headers, rawHeaders, complete: isWhole } = response;
        resolve({ status, headers, rawHeaders, text: Buffer.concat(chunks).toString(), bytes, isWhole, took: performance.now() - began });
      };
      response.on("data", (chunk) => {
        bytes += chunk.length;
        if (bytes < MAX_BYTES) chunks.push(chunk);
      });
      response.on("error", () => {});
      response.on("close", done);
    });
    request.on("error", reject);
    request.end(method === "GET" ? undefined : body);
  });
}

// Sends an operation, and returns the request, which a test can end.
export function begin(query) {
  const headers = { "content-type": "application/json", accept: "application/json", origin: ORIGIN, cookie };
  const request = http.request(`${ORIGIN}/graphql`, { method: "POST", agent: false, headers });
  request.on("error", () => {});
  request.on("response", (response) => response.on("error", () => {}).resume());
  request.end(JSON.stringify({ query }));
  return request;
}

export const identity = JSON.parse((await ask("{ me { id } }")).text).extensions.identity;
