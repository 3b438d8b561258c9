// The code of docs/one-endpoint.md, behind the real gateway. The recipes for Yoga and Strawberry stand in files that are run.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { graphql, register, somebody, startGateway } from './gateway.js'
import { freePort, startService } from './services.js'

const root = join(import.meta.dirname, '../..')
const read = (path) => readFileSync(join(root, path), 'utf8')
const page = read('docs/one-endpoint.md')
const blocks = (heading) => [...page.split(`\n${heading}\n`)[1].split(/^##+ /m)[0].matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, , code]) => code)

/** Runs a program of the page with the packages of examples/services. It listens on `port` in the place of 9000, and trusts the gateway at `url`. */
function runNode(code, port, url, env = {}) {
  const program = code.replace('9000', port).replace('http://localhost:8000', url)
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: join(root, 'examples/services'),
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', process.env.SERVICES_LOG ? 'inherit' : 'ignore'],
  })
  child.unref()
  process.once('exit', () => child.kill('SIGKILL'))
}

/** Repeats a query until its answer has no errors and is `enough`. The service has to start, and the gateway reads its schema every 15 seconds. */
async function answer({ url }, query, { cookie }, enough = () => true) {
  for (const end = Date.now() + 45_000; ; await sleep(200)) {
    const response = await fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', cookie }, body: JSON.stringify({ query }) })
    const { data, errors } = await response.json()
    if (!errors && enough(data)) return data
    assert.ok(Date.now() < end, JSON.stringify({ data, errors }))
  }
}

const behind = (port) => startGateway({ GATELODGE_UPSTREAM: `http://127.0.0.1:${port}/graphql` })

test('each recipe of the page stands in a file that is run', () => {
  const files = {
    '### GraphQL Yoga': ['examples/todo/tasks/identity.js', 'examples/todo/tasks/server.js'],
    '### Strawberry': Array(2).fill('examples/services/strawberry/tasks.py'),
  }
  for (const [heading, paths] of Object.entries(files)) {
    const found = blocks(heading)
    assert.equal(found.length, paths.length, heading)
    paths.forEach((path, index) => assert.ok(read(path).includes(found[index]), `${heading}: ${path}`))
  }
})

describe('behind the gateway', { concurrency: true }, () => {
  test('the service of the start greets the user beside me', async () => {
    const port = await freePort()
    const gateway = await behind(port)
    const [service] = blocks('## Start')
    runNode(service, port, gateway.url)
    const session = await register(gateway, somebody())
    const { name } = session.user
    assert.deepEqual(await answer(gateway, '{ me { username } hello }', session), { me: { username: name }, hello: `Hello, ${name}` })
    const isMerged = ({ __type: { fields } }) => ['me', 'hello'].every((field) => fields.some(({ name }) => name === field))
    await answer(gateway, '{ __type(name: "Query") { fields { name } } }', session, isMerged)
  })

  test('the recipe for Apollo Server adds tasks to the user', async () => {
    const port = await freePort()
    const gateway = await behind(port)
    const [context] = read('examples/services/apollo/server.js').split('const typeDefs')
    const [service] = blocks('### Apollo Server')
    const imports = "import { parse } from 'graphql'\nimport { buildSubgraphSchema } from '@apollo/subgraph'\n"
    const store = "const tasksOf = (id) => [{ title: `of ${id}` }]\n"
    runNode(imports + context + store + service, port, gateway.url, { GATELODGE_PUBLIC_URL: gateway.url })
    await addsTasks(gateway, (id) => [{ title: `of ${id}` }])
  })

  test('the recipe for Strawberry adds tasks to the user', async () => {
    const port = await freePort()
    const gateway = await behind(port)
    await startService('strawberry', { GATELODGE_PUBLIC_URL: gateway.url }, port)
    await addsTasks(gateway, () => [{ title: 'Learn to swim' }], 'mutation { addTask(title: "Learn to swim") { title } }')
  })
})

/** Checks that a user's tasks are found under `me`, and that another user's are not. */
async function addsTasks(gateway, expected, mutation) {
  const [ada, bob] = [await register(gateway, somebody()), await register(gateway, somebody())]
  if (mutation) await graphql(gateway.url, mutation, undefined, ada.cookie)
  const { id, name } = ada.user
  const tasks = expected(id)
  assert.deepEqual(await answer(gateway, '{ me { username tasks { title } } tasks { title } }', ada), { me: { username: name, tasks }, tasks })
  gateway.run('user', 'roles', name, '--add', 'admin')
  const { users } = await answer(gateway, '{ users { nodes { id tasks { title } } } }', ada)
  const found = Object.fromEntries(users.nodes.map((node) => [node.id, node.tasks]))
  assert.deepEqual([found[id], found[bob.user.id]], [tasks, null])
}
