// Each recipe takes the tokens of the real gateway, and refuses every token that is wrong in one point. The clocks of the services are
// four seconds behind.
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { claims, makeKey, publish, signed } from './forge.js'
import { claimsOf, headerOf, register, somebody, startGateway, tokenOf } from './gateway.js'
import { behind, kinds, startServices } from './services.js'
import { wrongTokens } from './wrong-tokens.js'

const own = { ES256: makeKey('ES256'), EdDSA: makeKey('EdDSA') }
const gateways = {}
let issuer, services
let keysAreDown = true

const keysOf = async ({ url }) => (await (await fetch(`${url}/.well-known/jwks.json`)).json()).keys

before(async () => {
  gateways.ES256 = await startGateway()
  issuer = gateways.ES256.url
  gateways.EdDSA = await startGateway({ GATELODGE_PUBLIC_URL: issuer, GATELODGE_TOKEN_ALGORITHM: 'EdDSA' })
  // The keys of both gateways, and those of this test, which signs wrong tokens.
  const all = async () => [...(await keysOf(gateways.ES256)), ...(await keysOf(gateways.EdDSA)), own.ES256.jwk, own.EdDSA.jwk]
  const started = await startServices({ ...behind, GATELODGE_PUBLIC_URL: issuer, GATELODGE_JWKS_URL: await publish(all, () => keysAreDown) })
  services = Object.fromEntries(started.map((service) => [service.name, service]))
})

test('without the keys services answer that they cannot decide', async () => {
  for (const { name, ask } of Object.values(services)) {
    const { status, user } = await ask(signed(own.ES256, claims(issuer)))
    assert.deepEqual({ status, user }, { status: kinds[name].withoutKeys ?? 503, user: undefined }, name)
  }
  keysAreDown = false
})

for (const name of Object.keys(kinds)) {
  describe(name, () => {
    const service = () => services[name]
    const takes = async (token, message) => assert.equal((await service().ask(token)).status, 200, message)
    const accepted = []
    const refuses = async (token, message) => {
      const answer = await service().ask(token)
      if (answer.status === 200) accepted.push(message)
      else assert.ok(service().isRefused(answer), `${message}: ${JSON.stringify(answer)}`)
    }

    for (const alg of ['ES256', 'EdDSA']) {
      const can = (kinds[name].algorithms ?? ['ES256', 'EdDSA']).includes(alg)
      test(`${can ? 'takes' : 'refuses'} a token of the gateway, signed with ${alg} at this instant`, async () => {
        const session = await register(gateways[alg], somebody())
        const token = await tokenOf(gateways[alg], session)
        assert.equal(headerOf(token).alg, alg)
        if (!can) return assert.ok(service().isRefused(await service().ask(token)))
        assert.deepEqual(await service().ask(token), { status: 200, user: session.user })
      })
    }

    test(`answers ${kinds[name].stranger} without a token`, async () => {
      assert.deepEqual(await service().ask(), { status: kinds[name].stranger, user: undefined })
    })

    test('refuses times in the future as its library does, by a clock that is four seconds behind', async () => {
      const refused = new Set()
      // Three times, because a busy machine may need the four seconds for one request.
      for (const claim of ['iat', 'nbf', 'iat', 'nbf', 'iat', 'nbf']) {
        const token = signed(own.ES256, claims(issuer, { [claim]: Math.floor(Date.now() / 1000) }))
        if (service().isRefused(await service().ask(token))) refused.add(claim)
      }
      assert.deepEqual([...refused].sort(), kinds[name].strict)
    })

    test('refuses every token that is wrong in one point', async () => {
      const token = signed(own.ES256, claims(issuer))
      await takes(token, 'the control: a right token of this test')
      for (const [what, wrong] of wrongTokens(own.ES256, issuer)) await refuses(wrong, what)
      await takes(token, 'the control, after all of this')
      assert.deepEqual(accepted, kinds[name].ignores ?? [])
    })
  })
}

test('a token has the claims of docs/identity-tokens.md', async () => {
  const token = await tokenOf(gateways.ES256, await register(gateways.ES256, somebody()))
  assert.deepEqual(Object.keys(headerOf(token)).sort(), ['alg', 'kid', 'typ'])
  const found = claimsOf(token)
  const names = ['amr', 'aud', 'auth_time', 'exp', 'iat', 'iss', 'jti', 'preferred_username', 'roles', 'sid', 'sub']
  assert.deepEqual(Object.keys(found).sort(), names)
  assert.ok(Math.abs(found.exp - found.iat - 125) <= 1, 'the lifetime, and five seconds')
})
