// Starts the real gateway for a test file, on a free port, with a database that is deleted after the tests.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** The frontend's origin, which the gateway allows by default. */
export const page = 'http://localhost:5173'

// Stops the gateway when the tests are interrupted, too.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))

const program = resolve(import.meta.dirname, process.env.GATELODGE_BIN ?? '../../target/debug/gatelodge')

/** Starts a gateway and returns its address. */
export async function startGateway(settings = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'gatelodge-clients-'))
  const port = await freePort()
  const child = spawn(program, ['serve'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      RUST_LOG: 'error',
      DATABASE_URL: `sqlite://${folder}/gatelodge.db?mode=rwc`,
      GATELODGE_LISTEN: `127.0.0.1:${port}`,
      GATELODGE_ADMIN_LISTEN: 'off',
      GATELODGE_SECRET: 'a secret of tests, long enough for one',
      GATELODGE_PUBLIC_URL: `http://localhost:${port}`,
      // One slow hash at a time, and one that waits: a few logins at once are too many.
      GATELODGE_HASH_WORKERS: '1',
      GATELODGE_HASH_QUEUE: '1',
      GATELODGE_HASH_ITERATIONS: '12',
      ...settings,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  child.unref()
  process.once('exit', () => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true })
  })
  for (const end = Date.now() + 30_000; ; await sleep(50)) {
    if (await fetch(`http://127.0.0.1:${port}/readyz`).then((answer) => answer.ok, () => false)) return `http://localhost:${port}`
    assert.ok(child.exitCode === null && Date.now() < end, `${program} did not get ready`)
  }
}

/** Listens on a free port while the tests run, and returns the port. */
export async function listen(server) {
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  server.unref()
  return server.address().port
}

async function freePort() {
  const server = createServer()
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address()
  await new Promise((done) => server.close(done))
  return port
}

let count = 0
/** Returns an unused username. */
export const somebody = () => ({ username: `ada-${process.pid}-${Date.now().toString(36)}-${++count}`, password: 'a long walk by the river' })
