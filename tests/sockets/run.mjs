// Checks how sockets and streams end; see scripts/subscriptions.sh.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { endings } from "./endings.mjs";
import { Gate, freePort } from "./gate.mjs";
import { idle, quietClients, restart, stop, stream } from "./life.mjs";
import { SCHEMA, Service } from "./service.mjs";

const [binary, form] = process.argv.slice(2);
const size = form === "full" ? { logouts: 1000, others: 50, leave: 100, pairs: 4000 } : { logouts: 100, others: 5, leave: 100, pairs: 500 };
const folder = mkdtempSync(`${tmpdir()}/sockets.`);
const urls = [`sqlite://${folder}/gatelodge.db?mode=rwc`, ...(process.env.TEST_DATABASE_URLS ?? "").split(",").filter(Boolean)];
const service = new Service();
const gates = new Set();

// Starts nodes on a database.
async function start(url, nodes) {
  const port = await freePort();
  const environment = {
    PATH: process.env.PATH,
    HOME: folder,
    DATABASE_URL: url,
    GATELODGE_CONFIG: `${folder}/gatelodge.toml`,
    GATELODGE_SECRET: "a secret of at least thirty-two bytes",
    GATELODGE_PUBLIC_URL: `http://localhost:${port}`,
    GATELODGE_ADMIN_LISTEN: "off",
    GATELODGE_ACCESS_LOG: "off",
    GATELODGE_THROTTLE_REGISTER: "1000000/1h",
    GATELODGE_THROTTLE_LOGINS: "1000000/10m",
    GATELODGE_SOCKET_PER_SESSION: "100",
    GATELODGE_MAX_SOCKETS: "10000",
    GATELODGE_MAX_CONNECTIONS: "20000",
  };
  const started = [];
  for (let at = 0; at < nodes; at += 1) {
    const gate = new Gate(binary, folder, environment);
    gates.add(gate);
    await gate.start(at === 0 ? port : await freePort());
    started.push(gate);
  }
  return started;
}

function row(database, check, figure) {
  console.log(`${database.padEnd(10)} ${check.padEnd(52)} ${figure}`);
}

try {
  await service.start();
  writeFileSync(`${folder}/service.graphql`, SCHEMA);
  const settings = `[graphql-upstream]\nurl = "http://127.0.0.1:${service.port}/graphql"\nschema = "${folder}/service.graphql"\n`;
  writeFileSync(`${folder}/gatelodge.toml`, settings);
  for (const url of urls) {
    const database = url.split(":")[0];
    const isOwn = url === urls[0];
    const nodes = await start(url, isOwn ? 1 : 2);
    const prefix = `u${randomBytes(4).toString("hex")}`;
    const tell = (check, figure) => row(database, check, figure);
    await endings({ nodes, service, prefix, size, tell });
    if (isOwn) {
      for (const check of [stream, quietClients, restart, idle, stop]) await check({ gate: nodes[0], service, prefix, size, tell });
    }
    for (const gate of nodes) {
      await gate.stop();
      assert.equal(await gate.exit, 0, "exit status");
      gates.delete(gate);
    }
  }
  process.exitCode = 0;
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  for (const gate of gates) gate.process?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
