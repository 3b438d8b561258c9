// urql's way to the gateway, as docs/frontend.md shows it.

import { Client, fetchExchange } from 'urql'
import { identityExchange } from './kits/urql.js'

export const connect = (gateway, options) => new Client({
  url: `${gateway}/graphql`,
  exchanges: [identityExchange(options), fetchExchange],
  fetchOptions: { credentials: 'include' },
})

export const errorsOf = (error) => error.graphQLErrors
