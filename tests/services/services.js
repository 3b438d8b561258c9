// Starts the services of examples/services for a test file, each on a free port, and asks them who is asking.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

const here = import.meta.dirname
const examples = join(here, '../../examples/services')
const venv = join(examples, '.venv/bin')
export const python = join(venv, 'python')

/**
 * What each service is. `stranger` is its status without a token. `algorithms` are those that its library can verify, `ignores` what the
 * library does not check, `strict` the times that it refuses when they are in the future. `withoutKeys` is its status when it cannot fetch the keys.
 */
export const kinds = {
  express: { command: [process.execPath, 'express/server.js'], stranger: 401, strict: ['nbf'] },
  apollo: { command: [process.execPath, 'apollo/server.js'], stranger: 200, isGraphql: true, strict: ['nbf'] },
  yoga: {
    command: [process.execPath, 'yoga/server.js'],
    stranger: 200,
    isGraphql: true,
    algorithms: ['ES256'],
    // 500 for an unknown key, 400 for a token that cannot be read.
    refusals: [400, 401, 500],
    ignores: ['no expiry', 'no subject', 'a critical header that nobody knows'],
    strict: ['nbf'],
    withoutKeys: 500,
  },
  fastapi: { command: [python, '-m', 'uvicorn', 'service:app', '--app-dir', 'fastapi', '--log-level', 'error', '--port', '$PORT'], stranger: 401, strict: ['iat', 'nbf'] },
  strawberry: {
    command: [python, '-m', 'uvicorn', 'tasks:app', '--app-dir', 'strawberry', '--log-level', 'error', '--port', '$PORT'],
    path: 'fastapi', // whose `signed_in` it uses
    stranger: 401,
    isGraphql: true,
    strict: ['iat', 'nbf'],
  },
  django: { command: [python, '-m', 'django', 'runserver', '--noreload', '127.0.0.1:$PORT'], stranger: 200, strict: ['iat', 'nbf'] },
  axum: { command: [join(here, '../../target/services/debug/gatelodge-example-axum')], stranger: 401, ignores: ['a critical header that nobody knows'], strict: [] },
}

/** Environment of Django: the project of this folder, with the middleware of examples/services/django. */
export const djangoSettings = (folder) => ({
  DJANGO_SETTINGS_MODULE: 'settings',
  PYTHONPATH: [join(here, 'django'), join(examples, 'django')].join(':'),
  TASKS_DATABASE: join(folder, 'tasks.db'),
})

/** Runs `python -m django` in the project. */
export const django = (env, ...args) =>
  execFileSync(python, ['-m', 'django', ...args], { env: { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: '1', ...env }, encoding: 'utf8' })

/** The environment of a service whose clock is four seconds behind. Not axum's: jsonwebtoken allows 60 seconds. */
export const behind = { NODE_OPTIONS: `--import=${pathToFileURL(join(here, 'behind/clock.mjs'))}`, PYTHONPATH: join(here, 'behind') }

/** Starts a service that trusts the gateway of `env`. Returns `ask(token)`, the status and the user that it answers with. */
export async function startService(name, env, port) {
  const { command, path, isGraphql } = kinds[name]
  port ??= await freePort()
  if (name === 'django' && !env.TASKS_DATABASE) {
    const settings = djangoSettings(temporaryFolder())
    env = { ...settings, ...env, PYTHONPATH: [settings.PYTHONPATH, env.PYTHONPATH ?? ''].join(':') }
    django(env, 'migrate', '--verbosity', '0')
  }
  if (path) env = { ...env, PYTHONPATH: [path, env.PYTHONPATH ?? ''].join(':') }
  const [program, ...args] = command.map((part) => part.replace('$PORT', port))
  const child = spawn(program, args, {
    cwd: examples,
    env: { PATH: process.env.PATH, PORT: String(port), PYTHONDONTWRITEBYTECODE: '1', ...env },
    stdio: ['ignore', 'ignore', process.env.SERVICES_LOG ? 'inherit' : 'ignore'],
  })
  child.unref()
  process.once('exit', () => child.kill('SIGKILL'))
  const url = `http://127.0.0.1:${port}`

  for (const end = Date.now() + 60_000; ; await sleep(50)) {
    if (await fetch(url).then(() => true, () => false)) break
    assert.ok(child.exitCode === null && Date.now() < end, `${name} did not get ready`)
  }
  const get = (path, authorization) => fetch(url + path, { headers: authorization ? { authorization } : {} })
  const ask = async (authorization) => {
    if (!isGraphql) {
      const answer = await get('/whoami', authorization)
      const { id, name } = answer.ok ? await answer.json() : {}
      return { status: answer.status, user: id && { id, name } }
    }
    const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) }
    const answer = await fetch(`${url}/graphql`, { method: 'POST', headers, body: '{"query":"{ viewer { id name } }"}' })
    return { status: answer.status, user: (await answer.json()).data?.viewer ?? undefined }
  }
  return { name, ask, get, isRefused: ({ status, user }) => !user && (kinds[name].refusals ?? [401]).includes(status) }
}

/** Starts all services. */
export const startServices = (env) => Promise.all(Object.keys(kinds).map((name) => startService(name, env)))

/** Returns the path of a new folder, which is deleted after the tests. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'gatelodge-services-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export async function freePort() {
  const server = createServer()
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address()
  await new Promise((done) => server.close(done))
  return port
}
