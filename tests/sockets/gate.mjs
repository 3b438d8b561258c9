// A node of the gateway, and browsers that use it.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { promisify } from "node:util";
import WebSocket from "ws";

export const PASSWORD = "correct horse 42 battery";
const START_MS = 60_000;
const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

export class Gate {
  constructor(binary, folder, environment) {
    Object.assign(this, { binary, folder, environment });
  }

  async start(port) {
    this.port = port;
    this.log = `${this.folder}/log-${port}`;
    const log = openSync(this.log, "a");
    const env = { ...this.environment, GATELODGE_LISTEN: `127.0.0.1:${port}` };
    this.process = spawn(this.binary, ["serve"], { env, stdio: ["ignore", log, log] });
    this.exit = once(this.process, "exit").then(([code]) => code);
    for (const end = Date.now() + START_MS; Date.now() < end; await sleep(100)) {
      if (this.process.exitCode !== null) break;
      const status = await this.#ready().catch(() => 0);
      if (status === 200) return;
    }
    throw new Error(`the gateway did not start:\n${readFileSync(this.log, "utf8")}`);
  }

  #ready() {
    return new Promise((resolve, reject) => {
      http.get({ port: this.port, host: "127.0.0.1", path: "/readyz" }, (answer) => resolve(answer.resume().statusCode)).on("error", reject);
    });
  }

  async command(...words) {
    return promisify(execFile)(this.binary, words, { env: this.environment });
  }

  // Returns the resident memory in KiB.
  memory() {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.process.pid}/status`, "utf8"))[1]);
  }

  stop() {
    this.process.kill("SIGTERM");
    return this.exit;
  }
}

// Sends a request to a node under the host name of the public URL, as a load balancer does.
export function request(gate, cookie, body, accept = "application/json") {
  const url = gate.environment.GATELODGE_PUBLIC_URL;
  const headers = { host: new URL(url).host, origin: url, "content-type": "application/json", accept };
  if (cookie) headers.cookie = cookie;
  return new Promise((resolve, reject) => {
    const sent = http.request({ host: "127.0.0.1", port: gate.port, path: "/graphql", method: "POST", headers, agent: accept === "application/json" ? agent : false }, resolve);
    sent.on("error", reject).end(JSON.stringify(body));
  });
}

// Runs a mutation that has no user errors, and returns its data and the cookie.
export async function run(gate, cookie, query, input) {
  const response = await request(gate, cookie, { query, variables: input && { input } });
  let text = "";
  for await (const chunk of response) text += chunk;
  const answer = JSON.parse(text);
  const [payload] = Object.values(answer.data ?? {});
  if (!payload || answer.errors || payload.userErrors?.length) throw new Error(`${query}: ${text}`);
  const set = (response.headers["set-cookie"] ?? []).map((value) => value.split(";")[0]).filter((value) => !value.endsWith("="));
  return { payload, cookie: set.join("; ") };
}

// Registers a user and returns the cookie of the new session.
export async function register(gate, username) {
  const query = "mutation ($input: RegisterInput!) { register(input: $input) { user { id } userErrors { message } } }";
  return (await run(gate, undefined, query, { username, password: PASSWORD, confirmPassword: PASSWORD })).cookie;
}

export async function logIn(gate, username) {
  const query = "mutation ($input: LoginInput!) { login(input: $input) { user { id } userErrors { message } } }";
  return (await run(gate, undefined, query, { username, password: PASSWORD })).cookie;
}

// Opens a socket with one subscription, and resolves at the first event. `ended` resolves with the code and the time.
export async function subscribe(gate, cookie) {
  const url = gate.environment.GATELODGE_PUBLIC_URL;
  const headers = { host: new URL(url).host, cookie };
  const socket = new WebSocket(`ws://127.0.0.1:${gate.port}/graphql`, "graphql-transport-ws", { headers, origin: url, perMessageDeflate: false });
  socket.on("error", () => {});
  socket.ended = new Promise((resolve) => socket.once("close", (code) => resolve({ code, at: performance.now() })));
  const begun = new Promise((resolve) => {
    socket.on("message", (data) => {
      const { type } = JSON.parse(data);
      if (type === "connection_ack") socket.send('{"type":"subscribe","id":"1","payload":{"query":"subscription { ticks }"}}');
      if (type === "next") resolve();
      if (type === "error") socket.close();
    });
  });
  socket.once("open", () => socket.send('{"type":"connection_init"}'));
  const early = await Promise.race([begun, socket.ended]);
  if (early) throw new Error(`a socket closed with ${early.code} before its first event`);
  return socket;
}
