// An Apollo Server whose context has the user of Gatelodge's identity token, or no user.
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { GraphQLError } from 'graphql'
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'

const issuer = process.env.GATELODGE_PUBLIC_URL
const audience = process.env.GATELODGE_TOKEN_AUDIENCE ?? 'gatelodge'
const keys = createRemoteJWKSet(new URL(process.env.GATELODGE_JWKS_URL ?? `${issuer}/.well-known/jwks.json`))
// Gatelodge signs with one of these two. The token must not choose.
const algorithms = ['ES256', 'EdDSA']
const keysAreMissing = (error) => !(error instanceof errors.JOSEError) || /GENERIC|JWKS_(INVALID|TIMEOUT)/.test(error.code)

async function context({ req }) {
  const [scheme, token] = req.headers.authorization?.split(' ') ?? []
  if (scheme !== 'Bearer') return { user: null }
  try {
    const { payload } = await jwtVerify(token, keys, { issuer, audience, algorithms, requiredClaims: ['exp', 'sub'] })
    return { user: { id: payload.sub, name: payload.preferred_username, roles: payload.roles } }
  } catch (error) {
    console.warn('identity token:', error.message)
    const [message, code, status] = keysAreMissing(error)
      ? ['The keys of the gateway cannot be fetched', 'SERVICE_UNAVAILABLE', 503]
      : ['The identity token is not valid', 'UNAUTHENTICATED', 401]
    throw new GraphQLError(message, { extensions: { code, http: { status } } })
  }
}

const typeDefs = `
  type User { id: ID! name: String! roles: [String!]! }
  type Query { viewer: User }
`
const resolvers = { Query: { viewer: (_, __, { user }) => user } }

const server = new ApolloServer({ typeDefs, resolvers })
await startStandaloneServer(server, { context, listen: { host: '127.0.0.1', port: process.env.PORT } })
