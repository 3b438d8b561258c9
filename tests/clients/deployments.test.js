// The deployments of docs/frontend.md, with the settings in its table.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gql } from '@apollo/client'
import { connect } from './apollo.js'
import { openBrowser } from './browser.js'
import { somebody, startGateway } from './gateway.js'
import { Logout, Me, Register } from './operations.js'

const guide = readFileSync(join(import.meta.dirname, '../../docs/frontend.md'), 'utf8')
const deployments = guide.split('\n').filter((line) => line.includes('`GATELODGE_PUBLIC_URL=')).map((line) => ({
  name: line.split('|')[1].trim(),
  settings: Object.fromEntries([...line.matchAll(/`(GATELODGE_\w+)=([^`]*)`/g)].map(([, name, value]) => [name, value])),
}))
for (const deployment of deployments) deployment.gateway = await startGateway(deployment.settings)

const cookies = ['SameSite=Lax', 'SameSite=Lax', 'SameSite=None; Partitioned']

test('the guide names three deployments', () => {
  assert.equal(deployments.length, cookies.length)
})

for (const [index, { name, settings, gateway }] of deployments.entries()) {
  test(`deployment: ${name}`, async () => {
    const { GATELODGE_PUBLIC_URL: address, GATELODGE_ALLOWED_ORIGINS: origin } = settings
    const person = somebody()
    const input = { ...person, confirmPassword: person.password }

    // The jar keeps a __Host- cookie only from https, and only for its host.
    const { jar, answers } = openBrowser({ origin, at: { [address]: gateway } })
    const client = connect(address).current()
    const { data } = await client.mutate({ mutation: gql(Register), variables: { input } })
    assert.deepEqual(data.register.userErrors, [])
    const cookie = answers[0].headers.getSetCookie().find((cookie) => cookie.startsWith('__Host-gatelodge='))
    assert.match(cookie, /^__Host-gatelodge=[\w-]{43}; /)
    assert.equal(cookie.slice(cookie.indexOf(';') + 2), `HttpOnly; ${cookies[index]}; Secure; Path=/; Max-Age=2592000`)
    const me = async () => (await client.query({ query: gql(Me), fetchPolicy: 'network-only' })).data.me?.username
    assert.equal(await me(), person.username)
    assert.equal((await client.mutate({ mutation: gql(Logout) })).data.logout.loggedOut, true)
    assert.deepEqual((await jar.getCookies(address)).map((cookie) => cookie.key), ['__Host-gatelodge-device'])
    assert.equal(await me(), undefined)

    for (const stranger of ['https://blog.example.com', 'http://localhost:5173']) {
      openBrowser({ origin: stranger, at: { [address]: gateway } })
      await assert.rejects(connect(address).current().query({ query: gql(Me) }), TypeError)
    }
  })
}
