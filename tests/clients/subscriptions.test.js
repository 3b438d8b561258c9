// Subscriptions through the gateway: each client stops after a logout, and is live again after the next login, without a reload.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { buildSchema } from 'graphql'
import { createHandler } from 'graphql-sse/lib/use/http'
import { useServer } from 'graphql-ws/use/ws'
import { pipe, subscribe as watch } from 'wonka'
import { WebSocket, WebSocketServer } from 'ws'
import { openBrowser } from './browser.js'
import { clients as apolloClients } from './kits/apollo.js'
import { listen, page, somebody, startGateway } from './gateway.js'
import { Login, Logout, Register } from './operations.js'
import { apolloClient, openEvents, openSocket, relayEnvironment, urqlClient } from './subscriptions.js'

// The service: one subscription, whose events come when the test says so.
const schema = buildSchema('type Query { ok: Boolean } type Subscription { ticks: Int! }')
const ears = new Set()
const emit = (ticks) => { for (const ear of ears) ear({ ticks }) }
schema.getSubscriptionType().getFields().ticks.subscribe = () => {
  const waiting = [{ ticks: 0 }]
  let wake
  const take = () => { wake?.(waiting.shift()); wake = undefined }
  const ear = (event) => { waiting.push(event); take() }
  ears.add(ear)
  return {
    [Symbol.asyncIterator]() { return this },
    next: () => new Promise((done) => { wake = (value) => done({ value, done: false }); if (waiting.length > 0) take() }),
    return: async () => { ears.delete(ear); return { done: true } },
  }
}
const tokens = []
const hasToken = (value) => { tokens.push(value); return /^Bearer eyJ/.test(value) }
const events = createHandler({ schema, authenticate: ({ headers }) => (hasToken(headers.get('authorization')) ? '' : [null, { status: 401 }]) })
const service = createServer((request, response) => {
  if (request.method === 'POST' && request.headers.accept?.includes('text/event-stream')) return events(request, response)
  if (!request.headers.accept?.includes('multipart/mixed')) return response.writeHead(503).end()
  response.writeHead(200, { 'Content-Type': 'multipart/mixed;boundary=graphql;subscriptionSpec=1.0' })
  response.write('--graphql\r\nContent-Type: application/json\r\n\r\n{"payload":{"data":{"ticks":0}}}\r\n--graphql')
})
useServer({ schema, onConnect: ({ connectionParams }) => hasToken(connectionParams?.Authorization) }, new WebSocketServer({ server: service, path: '/graphql' }))
const gateway = await startGateway({
  GATELODGE_UPSTREAM: `http://127.0.0.1:${await listen(service)}/graphql`,
  GATELODGE_HASH_ITERATIONS: '2', GATELODGE_HASH_QUEUE: '64',
})

/** A page in a browser with a jar of its own, and the sockets that it has opened. */
function openPage() {
  const browser = openBrowser()
  const closes = []
  class PageSocket extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols, { headers: { Origin: page, Cookie: browser.jar.getCookieStringSync(gateway) } })
      this.on('close', (code) => closes.push(code))
    }
  }
  const run = async (query, input) => {
    const answer = await fetch(`${gateway}/graphql`, {
      method: 'POST', credentials: 'include', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ query, variables: { input } }),
    })
    const { data, errors } = await answer.json()
    assert.equal(errors, undefined)
    return data
  }
  return { closes, run, PageSocket }
}

async function eventually(what) {
  for (const end = Date.now() + 15_000; ; await sleep(10)) {
    try {
      return what()
    } catch (error) {
      if (Date.now() > end) throw error
    }
  }
}

// Short waits between two attempts.
const fewRetries = ({ PageSocket }) => ({ webSocketImpl: PageSocket, retryAttempts: 2, retryWait: () => sleep(20) })
const socketOf = (page) => openSocket(gateway, fewRetries(page))

/** Each client subscribes with `next`, and calls `ended` when it gives up. Returns a function that starts the subscription. */
const clients = {
  'graphql-ws': (page) => {
    const client = socketOf(page)
    return (next, ended) => client.subscribe({ query: 'subscription { ticks }' }, { next: ({ data }) => next(data), error: ended, complete: ended })
  },
  'Apollo Client': (page) => {
    const client = apolloClient(gateway, socketOf(page))
    return (next, ended) => {
      const running = client.subscribe({ query: gql`subscription { ticks }` }).subscribe({
        next: ({ data, error }) => (error ? ended(error) : next(data)), error: ended, complete: ended,
      })
      return () => running.unsubscribe()
    }
  },
  urql: (page) => {
    const client = urqlClient(gateway, socketOf(page))
    return (next, ended) => pipe(client.subscription('subscription { ticks }', {}), watch(({ data, error }) => (error ? ended(error) : next(data)))).unsubscribe
  },
  Relay: (page) => {
    const network = relayEnvironment(() => ({}), socketOf(page)).getNetwork()
    return (next, ended) => network.execute({ text: 'subscription { ticks }', operationKind: 'subscription' }, {}, {}).subscribe({
      next: ({ data }) => next(data), error: ended, complete: ended,
    }).unsubscribe
  },
  'graphql-sse': () => {
    const client = openEvents(gateway, { retryAttempts: 2, retry: () => sleep(20) })
    return (next, ended) => client.subscribe({ query: 'subscription { ticks }' }, { next: ({ data }) => next(data), error: ended, complete: ended })
  },
}

for (const [name, open] of Object.entries(clients)) {
  test(`${name}: a subscription stops after a logout, and is live after the next login`, async () => {
    const page = openPage()
    const user = somebody()
    await page.run(Register, { ...user, confirmPassword: user.password })
    const start = open(page)
    const seen = []
    let end
    start((data) => seen.push(data.ticks), (error) => { end = error ?? 'complete' })
    await eventually(() => assert.deepEqual(seen, [0]))
    emit(7)
    await eventually(() => assert.deepEqual(seen, [0, 7]))

    await page.run(Logout)
    await eventually(() => assert.ok(end, 'the client still tries'))
    await eventually(() => assert.equal(ears.size, 0, 'the service still has the subscription'))
    assert.deepEqual(seen, [0, 7])
    // The first attempt, and two more.
    assert.deepEqual(page.closes, name === 'graphql-sse' ? [] : [4403, 4403, 4403])

    await page.run(Login, user)
    end = undefined
    const stop = start((data) => seen.push(data.ticks), (error) => { end = error ?? 'complete' })
    await eventually(() => assert.deepEqual(seen, [0, 7, 0]))
    emit(9)
    await eventually(() => assert.deepEqual(seen, [0, 7, 0, 9]))
    assert.equal(end, undefined)
    stop()
    await eventually(() => assert.equal(ears.size, 0))
    assert.ok(tokens.every((token) => /^Bearer eyJ/.test(token)))
  })
}

test('a stranger is told at the beginning of the connection, and tries no longer than asked', async () => {
  const page = openPage()
  const client = socketOf(page)
  const error = await new Promise((done) => { client.subscribe({ query: 'subscription { ticks }' }, { next: done, error: done, complete: done }) })
  assert.equal(error.code, 4403)
  assert.deepEqual(page.closes, [4403, 4403, 4403])
})

test('the kit of Apollo Client reads the identity of a stream from its header', async () => {
  const page = openPage()
  const user = somebody()
  await page.run(Register, { ...user, confirmPassword: user.password })
  const http = new HttpLink({ uri: `${gateway}/graphql`, credentials: 'include' })
  const kit = apolloClients(
    (identity) => new ApolloClient({ link: ApolloLink.from([identity, http]), cache: new InMemoryCache() }),
    { identity: 'of the user before' },
  )
  const events = []
  const running = kit.current().subscribe({ query: gql`subscription { ticks }` }).subscribe({ next: ({ data }) => events.push(data), error: () => {} })
  await eventually(() => assert.equal(kit.generation(), 1))
  running.unsubscribe()
})
