// urql's way to the gateway, as docs/frontend.md shows it.

import { cacheExchange, Client, fetchExchange } from 'urql'
import { clients } from './kits/urql.js'

export const connect = (gateway, options) => clients((identity) => new Client({
  url: `${gateway}/graphql`,
  exchanges: [cacheExchange, identity, fetchExchange],
  fetchOptions: { credentials: 'include' },
}), options)

export const errorsOf = (error) => error.graphQLErrors
