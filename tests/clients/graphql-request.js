// graphql-request's way to the gateway, as docs/frontend.md shows it.

import { ClientError, GraphQLClient } from 'graphql-request'

export const connect = (gateway) => new GraphQLClient(`${gateway}/graphql`, { credentials: 'include' })

export const errorsOf = (error) => (error instanceof ClientError && error.response.errors) || []
