// Documents by their hash or id: Apollo Client's persisted queries, and the manifest of Relay's compiler.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client'
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries'
import compiler from 'relay-compiler'
import { Environment, Network, RecordSource, Store, createOperationDescriptor, fetchQuery } from 'relay-runtime'
import { page, startGateway } from './gateway.js'
import { app } from './relay-app.js'

const sha256 = (text) => createHash('sha256').update(text).digest('hex')
const headers = { Origin: page }

test("Apollo Client's persisted-query link sends a text once, and the hash from then on", async () => {
  const gateway = await startGateway()
  for (const useGETForHashedQueries of [false, true]) {
    const sent = []
    const watched = (url, options = {}) => {
      sent.push(options.method === 'GET' ? new URL(url).search : options.body)
      return fetch(url, { ...options, headers: { ...options.headers, ...headers } })
    }
    const client = () => new ApolloClient({
      link: ApolloLink.from([
        new PersistedQueryLink({ sha256, useGETForHashedQueries }),
        new HttpLink({ uri: `${gateway}/graphql`, fetch: watched }),
      ]),
      cache: new InMemoryCache(),
    })
    const query = gql(`query Settings${useGETForHashedQueries ? 'ByGet' : 'ByPost'} { authSettings { registrationOpen } }`)
    const texts = []
    for (let n = 0; n < 3; n++) {
      sent.length = 0
      const { data } = await client().query({ query })
      assert.equal(data.authSettings.registrationOpen, true)
      texts.push(sent.map((request) => request.includes('registrationOpen')))
    }
    assert.deepEqual(texts, [[false, true], [false], [false]])
  }
})

test("Relay's manifest is what runs, by the ids of its compiler, and nothing else runs", async () => {
  const config = JSON.parse(await readFile(join(app, 'relay.config.json'), 'utf8'))
  const persisted = { ...config, artifactDirectory: 'persisted', persistConfig: { file: 'manifest.json', algorithm: 'SHA256' } }
  await mkdir(join(app, 'persisted'))
  await writeFile(join(app, 'manifest.json'), '{}')
  await writeFile(join(app, 'persisted.config.json'), JSON.stringify(persisted))
  await promisify(execFile)(compiler, ['persisted.config.json'], { cwd: app, timeout: 60_000 })
  const me = createRequire(import.meta.url)(join(app, 'persisted/AccountMeQuery.graphql.js'))
  assert.equal(me.params.text, null)

  const gateway = await startGateway({ GATELODGE_TRUSTED_DOCUMENTS: join(app, 'manifest.json') })
  const ask = async (body) => {
    const answer = await fetch(`${gateway}/graphql`, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    return answer.json()
  }
  const network = Network.create(({ id }, variables) => ask({ documentId: id, variables }))
  const environment = new Environment({ network, store: new Store(new RecordSource()) })
  environment.retain(createOperationDescriptor(me, {}))
  const data = await fetchQuery(environment, me, {}).toPromise()
  assert.equal(data.authSettings.passwordMinLength, 8)

  const refused = await ask({ query: '{ me { id } }' })
  assert.equal(refused.errors[0].extensions.code, 'DOCUMENT_NOT_TRUSTED')
})
