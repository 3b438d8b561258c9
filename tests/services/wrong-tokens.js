// Tokens that are wrong in one point. No service may accept them.
import { claims, hmacSigned, makeKey, signed, unsigned } from './forge.js'

/** Returns pairs of what is wrong and the token. `own` is an ES256 key that the service knows, and `changes` are claims of its right tokens. */
export function wrongTokens(own, issuer, changes = {}) {
  const right = claims(issuer, changes)
  const wrongClaims = {
    'an expired token': { exp: Math.floor(Date.now() / 1000) - 90 },
    'no expiry': { exp: undefined },
    'an expiry that is no number': { exp: 'tomorrow' },
    'another audience': { aud: 'another-service' },
    'no audience': { aud: undefined },
    'another issuer': { iss: 'http://localhost:1' },
    'the issuer with a path': { iss: `${issuer}/x` },
    'no issuer': { iss: undefined },
    'no subject': { sub: undefined },
  }
  const { kid, jwk, publicKey } = own
  const pem = publicKey.export({ type: 'spki', format: 'pem' })
  const token = signed(own, right)
  const [head, , signature] = token.split('.')
  const changed = Buffer.from(JSON.stringify({ ...right, sub: 'user_of_another' })).toString('base64url')
  return [
    ...Object.entries(wrongClaims).map(([what, wrong]) => [what, signed(own, { ...right, ...wrong })]),
    ['alg none', unsigned(right, { kid })],
    ['alg None', unsigned(right, { kid, alg: 'None' })],
    ...[pem, JSON.stringify(jwk), jwk.x].map((secret) => ['HS256 with the public key as its secret', hmacSigned(secret, right, { kid })]),
    ["a foreign key under the key's id", signed(makeKey('ES256', kid), right)],
    ["a foreign key of another kind under the key's id", signed(makeKey('EdDSA', kid), right)],
    ['an unknown key', signed(makeKey('ES256'), right)],
    ['a path as key', signed(makeKey('ES256', '../../etc/passwd'), right)],
    ['the name of another algorithm', signed(own, right, { alg: 'EdDSA' })],
    ['the name of an algorithm that the gateway does not have', signed(own, right, { alg: 'ES384' })],
    ['a key in the header', signed(makeKey('ES256'), right, { kid: undefined, jwk: makeKey('ES256').jwk })],
    ['a critical header that nobody knows', signed(own, right, { crit: ['unheard'], unheard: true })],
    ['other claims under the signature', [head, changed, signature].join('.')],
    ['a short signature', token.slice(0, -8)],
    ['no token at all', 'Bearer nonsense'],
    ['a long word', `Bearer ${'x'.repeat(4000)}`],
  ]
}
