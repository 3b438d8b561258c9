// Users of the real gateway, and the identity tokens that forward-auth answers with.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { startGateway as start } from '../clients/gateway.js'
import { freePort, temporaryFolder } from './services.js'

export { somebody } from '../clients/gateway.js'
const program = resolve(import.meta.dirname, process.env.GATELODGE_BIN ?? '../../target/debug/gatelodge')

/** Starts a gateway. `run` runs a command of `gatelodge` on its database. */
export async function startGateway(settings = {}) {
  const env = { DATABASE_URL: `sqlite://${join(temporaryFolder(), 'gatelodge.db')}?mode=rwc`, GATELODGE_SECRET: 'a secret of tests, long enough for one' }
  const url = await start({ ...env, GATELODGE_HASH_WORKERS: '2', GATELODGE_HASH_QUEUE: '64', GATELODGE_HASH_ITERATIONS: '2', ...settings })
  const run = (...args) => execFileSync(program, args, { env: { PATH: process.env.PATH, ...env, ...settings, GATELODGE_PUBLIC_URL: url }, encoding: 'utf8' })
  return { url, run }
}

/** Registers or logs in. Returns the browser's cookie and the user. */
export async function signIn({ url }, { username, password }, mutation = 'login') {
  const Input = mutation[0].toUpperCase() + mutation.slice(1) + 'Input'
  const query = `mutation ($input: ${Input}!) { ${mutation}(input: $input) { user { id username } userErrors { code message } } }`
  const input = { username, password, ...(mutation === 'register' && { confirmPassword: password }) }
  const { data, cookie } = await graphql(url, query, input)
  assert.deepEqual(data[mutation].userErrors, [])
  const { id, username: name } = data[mutation].user
  return { cookie, user: { id, name } }
}

export const register = (gateway, person) => signIn(gateway, person, 'register')

/** Runs an operation with one variable, `input`. */
export async function graphql(url, query, input, cookie) {
  const headers = { 'content-type': 'application/json', ...(cookie && { cookie }) }
  const answer = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables: { input } }) })
  const { data, errors } = await answer.json()
  assert.ok(data, JSON.stringify(errors))
  return { data, cookie: answer.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ') || cookie }
}

/** Returns what forward-auth hands to the proxy: `Bearer` and the token. */
export async function tokenOf({ url }, { cookie }) {
  const answer = await fetch(`${url}/forward-auth`, { headers: { cookie } })
  assert.equal(answer.status, 200)
  return answer.headers.get('authorization')
}

export const claimsOf = (authorization) => JSON.parse(Buffer.from(authorization.split('.')[1], 'base64url'))
export const headerOf = (authorization) => JSON.parse(Buffer.from(authorization.split(' ')[1].split('.')[0], 'base64url'))
