// Each recipe takes the tokens of the real gateway, and refuses every token that is wrong in one point. The clocks of the services are
// four seconds behind.
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { claims, hmacSigned, makeKey, publish, signed, unsigned } from './forge.js'
import { claimsOf, headerOf, register, somebody, startGateway, tokenOf } from './gateway.js'
import { behind, kinds, startServices } from './services.js'

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
      const right = claims(issuer)
      await takes(signed(own.ES256, right), 'the control: a right token of this test')
      const past = Math.floor(Date.now() / 1000) - 90
      const wrongClaims = {
        'an expired token': { exp: past },
        'no expiry': { exp: undefined },
        'an expiry that is no number': { exp: 'tomorrow' },
        'another audience': { aud: 'another-service' },
        'no audience': { aud: undefined },
        'another issuer': { iss: 'http://localhost:1' },
        'the issuer with a path': { iss: `${issuer}/x` },
        'no issuer': { iss: undefined },
        'no subject': { sub: undefined },
      }
      for (const [what, changes] of Object.entries(wrongClaims)) await refuses(signed(own.ES256, claims(issuer, changes)), what)

      const pem = own.ES256.publicKey.export({ type: 'spki', format: 'pem' })
      const { kid } = own.ES256
      await refuses(unsigned(right, { kid }), 'alg none')
      await refuses(unsigned(right, { kid, alg: 'None' }), 'alg None')
      for (const secret of [pem, JSON.stringify(own.ES256.jwk), own.ES256.jwk.x]) {
        await refuses(hmacSigned(secret, right, { kid }), 'HS256 with the public key as its secret')
      }
      await refuses(signed(makeKey('ES256', kid), right), "a foreign key under the key's id")
      await refuses(signed(makeKey('EdDSA', kid), right), "a foreign key of another kind under the key's id")
      await refuses(signed(makeKey('ES256'), right), 'an unknown key')
      await refuses(signed(makeKey('ES256', '../../etc/passwd'), right), 'a path as key')
      await refuses(signed(own.ES256, right, { alg: 'EdDSA' }), 'the name of another algorithm')
      await refuses(signed(own.ES256, right, { alg: 'ES384' }), 'the name of an algorithm that the gateway does not have')
      await refuses(signed(makeKey('ES256'), right, { kid: undefined, jwk: makeKey('ES256').jwk }), 'a key in the header')
      await refuses(signed(own.ES256, right, { crit: ['unheard'], unheard: true }), 'a critical header that nobody knows')

      const token = signed(own.ES256, right)
      const [head, , signature] = token.split('.')
      const changed = Buffer.from(JSON.stringify({ ...right, sub: 'user_of_another' })).toString('base64url')
      await refuses([head, changed, signature].join('.'), 'other claims under the signature')
      await refuses(token.slice(0, -8), 'a short signature')
      await refuses('Bearer nonsense', 'no token at all')
      await refuses(`Bearer ${'x'.repeat(4000)}`, 'a long word')
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
