// A GraphQL Yoga service with its JWT plugin, which verifies Gatelodge's identity token.
import { createServer } from 'node:http'
import { createRemoteJwksSigningKeyProvider, extractFromHeader, useJWT } from '@graphql-yoga/plugin-jwt'
import { createSchema, createYoga } from 'graphql-yoga'

const issuer = process.env.GATELODGE_PUBLIC_URL
const audience = process.env.GATELODGE_TOKEN_AUDIENCE ?? 'gatelodge'
const jwksUri = process.env.GATELODGE_JWKS_URL ?? `${issuer}/.well-known/jwks.json`

const identity = useJWT({
  signingKeyProviders: [createRemoteJwksSigningKeyProvider({ jwksUri, rateLimit: true })],
  tokenLookupLocations: [extractFromHeader({ name: 'authorization', prefix: 'Bearer' })],
  // The plugin's default is RS256 and HS256. It cannot verify EdDSA.
  tokenVerification: { algorithms: ['ES256'], issuer, audience },
  // A request without a token is a stranger's, and `viewer` is null. Without this it gets 401.
  reject: { missingToken: false },
})

const schema = createSchema({
  typeDefs: `
    type User { id: ID! name: String! roles: [String!]! }
    type Query { viewer: User }
  `,
  resolvers: {
    Query: {
      viewer: (_, __, { jwt }) => jwt && { id: jwt.payload.sub, name: jwt.payload.preferred_username, roles: jwt.payload.roles },
    },
  },
})

createServer(createYoga({ schema, plugins: [identity] })).listen(process.env.PORT, '127.0.0.1')
