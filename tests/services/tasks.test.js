// The task service of examples/todo/tasks, asked without the gateway in front: only a right token opens it, and it opens one user's tasks.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { claims, makeKey, publish, signed } from './forge.js'
import { claimsOf, register, somebody, startGateway, tokenOf } from './gateway.js'
import { freePort, temporaryFolder } from './services.js'
import { wrongTokens } from './wrong-tokens.js'

const folder = join(import.meta.dirname, '../../examples/todo/tasks')
const audience = { aud: 'tasks' }
const own = makeKey('ES256')
const own25519 = makeKey('EdDSA')
const everything = '{ tasks { id title done externalNumber } }'
let gateway, issuer, url
let keysAreDown = true

before(async () => {
  gateway = await startGateway({ GATELODGE_TOKEN_AUDIENCE: 'tasks' })
  issuer = gateway.url
  const keysOf = async () => (await (await fetch(`${issuer}/.well-known/jwks.json`)).json()).keys
  const port = await freePort()
  const child = spawn(process.execPath, ['server.js'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      TASKS_DATABASE: join(temporaryFolder(), 'tasks.db'),
      GATELODGE_PUBLIC_URL: issuer,
      GATELODGE_JWKS_URL: await publish(async () => [...(await keysOf()), own.jwk, own25519.jwk], () => keysAreDown),
    },
    stdio: ['ignore', 'ignore', process.env.SERVICES_LOG ? 'inherit' : 'ignore'],
  })
  child.unref()
  process.once('exit', () => child.kill('SIGKILL'))
  url = `http://127.0.0.1:${port}`
  for (const end = Date.now() + 30_000; ; await sleep(50)) {
    if (await fetch(`${url}/health`).then((answer) => answer.ok, () => false)) break
    assert.ok(child.exitCode === null && Date.now() < end, 'the task service did not get ready')
  }
})

/** Sends an operation. `variables` is JSON text, because JSON.stringify would change long numbers. */
async function ask(query, headers = {}, variables) {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: `{"query":${JSON.stringify(query)},"variables":${variables ?? '{}'}}`,
  })
  const text = await answer.text()
  const { data, errors } = JSON.parse(text)
  return { status: answer.status, text, data, code: errors?.[0].extensions?.code, errors }
}

const tokenFor = (sub) => ({ authorization: signed(own, claims(issuer, { ...audience, sub })) })
const addTask = 'mutation ($input: AddTaskInput!) { addTask(input: $input) { task { id externalNumber } userErrors { code } } }'
const add = (title, headers) => ask(addTask, headers, JSON.stringify({ input: { title } }))
const entities = (id) => `{ _entities(representations: [{ __typename: "User", id: "${id}" }]) { ... on User { tasks { title } } } }`

const isRefused = ({ status, data, code }, what) => assert.deepEqual({ status, data, code }, { status: 401, data: undefined, code: 'UNAUTHENTICATED' }, what)

test('without the keys the service answers that it cannot decide', async () => {
  const { status, data, code } = await ask(everything, tokenFor('user_a'))
  assert.deepEqual({ status, data, code }, { status: 503, data: undefined, code: 'SERVICE_UNAVAILABLE' })
  keysAreDown = false
})

test('a token of the gateway opens the tasks of its user', async () => {
  const authorization = await tokenOf(gateway, await register(gateway, somebody()))
  await add('Learn to swim', { authorization })
  const { data } = await ask(everything, { authorization })
  assert.deepEqual(data.tasks.map(({ title }) => title), ['Learn to swim'])
  const { data: answered } = await ask(entities(claimsOf(authorization).sub), { authorization })
  assert.deepEqual(answered._entities, [{ tasks: [{ title: 'Learn to swim' }] }])
})

test('every token that is wrong in one point is refused', async () => {
  const right = tokenFor('user_of_the_test')
  await add('A secret', right)
  assert.equal((await ask(everything, right)).data.tasks.length, 1, 'the control')
  for (const [what, authorization] of wrongTokens(own, issuer, audience)) isRefused(await ask(everything, { authorization }), what)
  isRefused(await ask(everything, { authorization: signed(own, claims(issuer)) }), "the audience of forward-auth's tokens")
  isRefused(await ask(everything, { authorization: signed(own25519, claims(issuer, audience)) }), 'an algorithm that is not ES256')
  isRefused(await ask(everything, { authorization: right.authorization.replace('Bearer', 'Basic') }), 'another scheme')
  assert.equal((await ask(everything, right)).data.tasks.length, 1, 'the control, after all of this')
})

const spoofed = {
  'x-user-id': 'user_ada', 'x-user': 'user_ada', 'x-authenticated-user': 'user_ada', 'x-auth-user': 'user_ada', 'x-forwarded-user': 'user_ada',
  'x-hasura-user-id': 'user_ada', 'x-hasura-role': 'admin', 'gatelodge-user-id': 'user_ada', 'gatelodge-roles': 'admin', 'remote-user': 'user_ada',
  cookie: 'gatelodge=user_ada; userId=user_ada; __Host-gatelodge=user_ada',
}

test('headers with a name or an id open nothing, and change nothing beside a token', async () => {
  await add("Ada's task", tokenFor('user_ada'))
  isRefused(await ask(everything, spoofed), 'all of them')
  for (const [name, value] of Object.entries(spoofed)) isRefused(await ask(everything, { [name]: value }), name)
  assert.deepEqual((await ask(everything, { ...spoofed, ...tokenFor('user_bob') })).data.tasks, [])
})

test('a stranger learns nothing of the schema, by no way of asking', async () => {
  for (const query of ['{ __typename }', '{ __schema { types { name } } }', '{ _service { sdl } }', '{ taskz }', '{', '']) isRefused(await ask(query), query)
  for (const [path, options] of [
    ['/graphql?query={__typename}'], ['/graphql', { headers: { accept: 'text/html' } }], ['/graphql', { headers: { accept: 'text/event-stream' } }], ['/graphql/x'], ['/'],
    ['/graphql', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{"query":"{__typename}"}' }],
  ]) {
    const answer = await fetch(url + path, options)
    assert.equal(answer.status, 401, path)
    assert.equal(answer.headers.get('access-control-allow-origin'), null)
  }
})

test("no way of asking returns or changes another user's task", async () => {
  const [ada, bob] = [tokenFor('user_1'), tokenFor('user_2')]
  const { id } = (await add('Ada alone', ada)).data.addTask.task
  const userErrors = [{ code: 'NOT_FOUND' }]
  const attempts = [
    ['{ tasks { title } }', { tasks: [] }],
    [`{ node(id: "${id}") { id } }`, { node: null }],
    [entities('user_1'), { _entities: [null] }],
    [`mutation { setTaskDone(input: { id: "${id}", done: true }) { task { title } userErrors { code } } }`, { setTaskDone: { task: null, userErrors } }],
    [`mutation { deleteTask(input: { id: "${id}" }) { deletedTaskId userErrors { code } } }`, { deleteTask: { deletedTaskId: null, userErrors } }],
  ]
  for (const [query, expected] of attempts) assert.deepEqual((await ask(query, bob)).data, expected, query)
  assert.deepEqual((await ask(everything, ada)).data.tasks, [{ id, title: 'Ada alone', done: false, externalNumber: null }])
  const dataOf = async (query) => (await ask(query, ada)).data
  assert.deepEqual(await dataOf(`mutation { setTaskDone(input: { id: "${id}", done: true }) { task { done } } }`), { setTaskDone: { task: { done: true } } })
  assert.deepEqual(await dataOf(`{ node(id: "${id}") { ... on Task { done } } }`), { node: { done: true } })
  const deleted = await dataOf(`mutation { deleteTask(input: { id: "${id}" }) { deletedTaskId user { tasks { id } } } }`)
  assert.deepEqual(deleted, { deleteTask: { deletedTaskId: id, user: { tasks: [] } } })
})

test('a number of 23 digits comes back as it was sent, from a literal and from a variable', async () => {
  const user = tokenFor('user_of_numbers')
  const numbers = ['12345678901234567890123', '-98765432109876543210987', '7', '9007199254740993']
  for (const number of numbers) {
    const literal = await ask(`mutation { addTask(input: { title: "t", externalNumber: ${number} }) { task { externalNumber } } }`, user)
    assert.equal(literal.text, `{"data":{"addTask":{"task":{"externalNumber":${number}}}}}`)
    const variable = await ask('mutation ($n: BigInt) { addTask(input: { title: "t", externalNumber: $n }) { task { externalNumber } } }', user, `{"n":${number}}`)
    assert.equal(variable.text, literal.text)
  }
  const { text } = await ask('{ tasks { externalNumber } }', user)
  for (const number of numbers) assert.equal(text.split(`"externalNumber":${number}}`).length, 3, text)
  for (const wrong of ['1.5', '"7"', '1e30', '1'.repeat(41), 'true']) {
    assert.ok((await ask('mutation ($n: BigInt) { addTask(input: { title: "t", externalNumber: $n }) { task { id } } }', user, `{"n":${wrong}}`)).errors, wrong)
  }
})

test('what a user can fix in a title is data', async () => {
  const user = tokenFor('user_of_titles')
  const codes = async (title) => (await add(title, user)).data.addTask.userErrors.map(({ code }) => code)
  assert.deepEqual(await codes('  '), ['REQUIRED'])
  assert.deepEqual(await codes('x'.repeat(201)), ['TOO_LONG'])
  assert.deepEqual(await codes('😀'.repeat(200)), [])
  assert.deepEqual((await ask('{ tasks { title } }', user)).data.tasks, [{ title: '😀'.repeat(200) }])
})
