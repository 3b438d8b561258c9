// An Express service that knows its users by Gatelodge's identity token.
import express from 'express'
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'

const issuer = process.env.GATELODGE_PUBLIC_URL
const audience = process.env.GATELODGE_TOKEN_AUDIENCE ?? 'gatelodge'
const keys = createRemoteJWKSet(new URL(process.env.GATELODGE_JWKS_URL ?? `${issuer}/.well-known/jwks.json`))
// Gatelodge signs with one of these two. The token must not choose.
const algorithms = ['ES256', 'EdDSA']
const keysAreMissing = (error) => !(error instanceof errors.JOSEError) || /GENERIC|JWKS_(INVALID|TIMEOUT)/.test(error.code)

async function signedIn(request, response, next) {
  const [scheme, token] = request.get('Authorization')?.split(' ') ?? []
  if (scheme !== 'Bearer') return response.status(401).set('WWW-Authenticate', 'Bearer').end()
  try {
    const { payload } = await jwtVerify(token, keys, { issuer, audience, algorithms, requiredClaims: ['exp', 'sub'] })
    request.user = { id: payload.sub, name: payload.preferred_username, roles: payload.roles }
  } catch (error) {
    console.warn('identity token:', error.message)
    if (keysAreMissing(error)) return response.status(503).end()
    return response.status(401).set('WWW-Authenticate', 'Bearer error="invalid_token"').end()
  }
  next()
}

const app = express()
app.get('/whoami', signedIn, (request, response) => response.json(request.user))
app.listen(process.env.PORT, '127.0.0.1')
