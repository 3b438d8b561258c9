// Lets only requests with a valid identity token pass, and says whose they are. Nothing else in a request is trusted: every header
// but `Authorization` is what some client sent.
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'

const issuer = process.env.GATELODGE_PUBLIC_URL ?? 'http://localhost:8000'
// A token for another service must not open this one.
const audience = process.env.GATELODGE_TOKEN_AUDIENCE ?? 'tasks'
// The token must not choose the algorithm.
const algorithms = ['ES256']
const keys = createRemoteJWKSet(new URL(process.env.GATELODGE_JWKS_URL ?? `${issuer}/.well-known/jwks.json`))
const keysAreMissing = (error) => !(error instanceof errors.JOSEError) || /GENERIC|JWKS_(INVALID|TIMEOUT)/.test(error.code)

/** Returns the user of an identity token, as `Bearer …`. Throws when it is not valid. */
export async function userOf(authorization) {
  const [scheme, token] = authorization?.split(' ') ?? []
  if (scheme !== 'Bearer') throw new errors.JWSInvalid('There is no identity token')
  const { payload } = await jwtVerify(token, keys, { issuer, audience, algorithms, requiredClaims: ['exp', 'sub'] })
  return payload.sub
}

/** A plugin of Yoga. It refuses a request before its operation is parsed, so that strangers learn nothing of the schema. */
export const identity = {
  async onRequest({ request, url, serverContext, endResponse, fetchAPI }) {
    if (url.pathname === '/health') return
    const refuse = (status, code, message) =>
      endResponse(fetchAPI.Response.json({ errors: [{ message, extensions: { code } }] }, { status, headers: status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {} }))
    try {
      serverContext.userId = await userOf(request.headers.get('authorization'))
    } catch (error) {
      console.warn('identity token:', error.message)
      if (keysAreMissing(error)) return refuse(503, 'SERVICE_UNAVAILABLE', 'The keys of the gateway cannot be fetched')
      refuse(401, 'UNAUTHENTICATED', 'The identity token is not valid')
    }
  },
}
