// Signs tokens by hand, right and wrong ones, and publishes keys.
import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { createServer } from 'node:http'

const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const seconds = () => Math.floor(Date.now() / 1000)

/** Makes a key pair, and its entry of a key set. */
export function makeKey(alg, kid = randomUUID()) {
  const { privateKey, publicKey } = alg === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')
  return { alg, kid, privateKey, publicKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } }
}

/** Returns the claims of a token that is right, with changes. A claim that is `undefined` is left out. */
export const claims = (issuer, changes = {}) => ({
  iss: issuer, sub: 'user_of_the_test', aud: 'gatelodge', exp: seconds() + 120, iat: seconds() - 5, jti: randomUUID(), sid: 'session_of_the_test',
  auth_time: seconds() - 5, preferred_username: 'ada', roles: [], amr: ['pwd'], ...changes,
})

/** Signs with a key. `header` changes the header. */
export function signed({ alg, kid, privateKey }, payload, header = {}) {
  const text = `${encode({ typ: 'JWT', alg, kid, ...header })}.${encode(payload)}`
  const signature = alg === 'ES256' ? sign('sha256', text, { key: privateKey, dsaEncoding: 'ieee-p1363' }) : sign(null, text, privateKey)
  return `Bearer ${text}.${signature.toString('base64url')}`
}

/** Returns a token without a signature. */
export const unsigned = (payload, header) => `Bearer ${encode({ typ: 'JWT', alg: 'none', ...header })}.${encode(payload)}.`

/** Returns a token signed by HMAC, with a secret that everybody has: a public key. */
export function hmacSigned(secret, payload, header) {
  const text = `${encode({ typ: 'JWT', alg: 'HS256', ...header })}.${encode(payload)}`
  return `Bearer ${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}

/** Serves a key set, which is asked for at each request. While `isDown()`, connections end without an answer. Returns its address. */
export async function publish(keys, isDown) {
  const server = createServer(async (request, answer) => {
    if (isDown()) return request.socket.destroy()
    answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: await keys() }))
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  server.unref()
  return `http://127.0.0.1:${server.address().port}/jwks.json`
}
