// Relay: its compiler takes schema.graphql and an app's operations, and the gateway takes what the compiler makes of them.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import compiler from 'relay-compiler'
import { commitMutation, createOperationDescriptor, fetchQuery } from 'relay-runtime'
import { connect, errorsOf } from './relay.js'
import { accountTests } from './suite.js'

const app = await mkdtemp(join(tmpdir(), 'gatelodge-relay-'))
process.once('exit', () => rmSync(app, { recursive: true }))
await mkdir(join(app, 'generated'))
await cp(join(import.meta.dirname, 'relay'), join(app, 'src'), { recursive: true })
await cp(join(import.meta.dirname, '../../schema.graphql'), join(app, 'schema.graphql'))
await writeFile(join(app, 'relay.config.json'), JSON.stringify({
  src: 'src',
  schema: 'schema.graphql',
  artifactDirectory: 'generated',
  language: 'javascript',
  eagerEsModules: false,
  customScalarTypes: { DateTime: 'string' },
}))
// A failed compilation fails this file as a whole: nothing below makes sense then.
await promisify(execFile)(compiler, ['relay.config.json'], { cwd: app, timeout: 60_000 })

const generated = {}
for (const file of await readdir(join(app, 'generated'))) {
  generated[file.split('.')[0]] = createRequire(import.meta.url)(join(app, 'generated', file))
}

test('Relay: the compiler makes operations of all that the app wrote', () => {
  assert.deepEqual(Object.keys(generated).sort(), [
    'AccountLoginMutation', 'AccountLogoutMutation', 'AccountMeQuery', 'AccountRegisterMutation', 'AccountUserRefetchQuery',
    'Account_problem', 'Account_user',
  ])
})

test('Relay: the compiler can fetch a user anew, by node(id:)', () => {
  assert.match(generated.AccountUserRefetchQuery.params.text, /node\(id: \$id\) \{\s+__typename\s+\.\.\.Account_user/)
})

test('Relay: the compiler refuses what the schema does not have', async () => {
  await writeFile(join(app, 'src/Wrong.js'), 'graphql`query WrongQuery { me { password } }`')
  const error = await promisify(execFile)(compiler, ['relay.config.json'], { cwd: app, timeout: 60_000 }).catch((error) => error)
  assert.match(`${error.stdout}${error.stderr}`, /no field named `password`|type `User` has no field/)
})

await accountTests({
  name: 'Relay',
  open(gateway) {
    let environment = connect(gateway)
    return {
      async send(operation, variables = {}) {
        const { kind, name } = operation.match(/^(?<kind>query|mutation) (?<name>\w+)/).groups
        let node = generated[`Account${name}${kind === 'query' ? 'Query' : 'Mutation'}`]
        // What the compiler refuses has to be smuggled past it.
        if (operation.includes('{ name }')) node = { ...node, params: { ...node.params, text: operation, cacheID: 'wrong' } }
        if (kind === 'query') {
          environment.retain(createOperationDescriptor(node, variables))
          return fetchQuery(environment, node, variables, { fetchPolicy: 'store-or-network' }).toPromise()
        }
        return new Promise((done, failed) => {
          commitMutation(environment, { mutation: node, variables, onCompleted: done, onError: failed })
        })
      },
      forget() { environment = connect(gateway) },
    }
  },
  errorsOf,
  looks: {
    refused: isRefusal,
    forbidden: isRefusal,
    busy: isRefusal,
    unanswered: (error) => assert.ok(error instanceof TypeError, error),
  },
})

function isRefusal(error) {
  assert.ok(error.name === 'RelayNetwork' && error.message.startsWith('No data returned for operation'), error)
}
