// Relay: its compiler reads schema.graphql and an app's operations, and the gateway accepts the compiler's output.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { commitMutation, createOperationDescriptor, fetchQuery } from 'relay-runtime'
import { connect, errorsOf } from './relay.js'
import { app, compile, compiled, generated } from './relay-app.js'
import { accountTests } from './suite.js'

test('Relay: the compiler makes operations of all that the app wrote', () => {
  assert.deepEqual(Object.keys(generated).sort(), [
    'AccountLoginMutation', 'AccountLogoutMutation', 'AccountMeQuery', 'AccountRegisterMutation', 'AccountRevokeOthersMutation',
    'AccountUserRefetchQuery', 'Account_problem', 'Account_user',
    'ShownPagesQuery', 'ShownPages_user', 'ShownQuery', 'ShownRefetchQuery', 'ShownRefetchable_user', 'Shown_user',
  ])
})

test('Relay: the compiler can fetch a user anew, by node(id:)', () => {
  assert.match(generated.AccountUserRefetchQuery.params.text, /node\(id: \$id\) \{\s+__typename\s+\.\.\.Account_user/)
})

test('Relay: the compiler refuses what the schema does not have', async () => {
  await writeFile(join(app, 'src/Wrong.js'), 'graphql`query WrongQuery { me { password } }`')
  const error = await compile().catch((error) => error)
  assert.match(`${error.stdout}${error.stderr}`, /no field named `password`|type `User` has no field/)
})

await accountTests({
  name: 'Relay',
  open(gateway) {
    const { current } = connect(gateway)
    return {
      async send(operation, variables = {}) {
        const environment = current()
        let { kind, node } = compiled(operation)
        // The compiler refuses this operation, so the test adds it afterwards.
        if (operation.includes('{ name }')) node = { ...node, params: { ...node.params, text: operation, cacheID: 'wrong' } }
        if (kind === 'query') {
          environment.retain(createOperationDescriptor(node, variables))
          return fetchQuery(environment, node, variables, { fetchPolicy: 'store-or-network' }).toPromise()
        }
        return new Promise((done, failed) => {
          commitMutation(environment, { mutation: node, variables, onCompleted: done, onError: failed })
        })
      },
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
