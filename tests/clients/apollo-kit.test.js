// Apollo Client with its kit: two tabs of one browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gql } from '@apollo/client'
import { connect } from './apollo.js'
import { openBrowser } from './browser.js'
import { somebody, startGateway } from './gateway.js'
import { identityTests } from './identity.js'
import { Me, Register } from './operations.js'

await identityTests({
  name: 'Apollo Client',
  open(gateway, options) {
    const client = connect(gateway, options)
    return {
      ask: async (query) => (await client.query({ query: gql(query) })).data,
      change: async (mutation, input) => (await client.mutate({ mutation: gql(mutation), variables: { input } })).data,
      watch(query) {
        let shown
        client.watchQuery({ query: gql(query) }).subscribe(({ data }) => { shown = data })
        return () => shown
      },
      kept: () => JSON.stringify(client.extract()),
    }
  },
})

test('Apollo Client: the answer that brings the news meets nothing of the last person in the cache', async () => {
  const gateway = await startGateway()
  openBrowser()
  const tab = connect(gateway)
  const met = []
  tab.cache.policies.addTypePolicies({ Query: { fields: { me: { merge(existing, incoming) { met.push(existing); return incoming } } } } })
  const register = (client, { username, password }) =>
    client.mutate({ mutation: gql(Register), variables: { input: { username, password, confirmPassword: password } } })
  const me = async () => (await tab.query({ query: gql(Me), fetchPolicy: 'network-only' })).data.me?.username

  const [ada, bob] = [somebody(), somebody()]
  await register(tab, ada)
  assert.equal(await me(), ada.username)
  await register(connect(gateway), bob) // by another client of the same browser, which tells nobody
  met.length = 0
  assert.equal(await me(), bob.username)
  assert.deepEqual(met, [undefined])
})
