// urql's way to the gateway, as docs/frontend.md shows it.

import { Client, cacheExchange, fetchExchange } from 'urql'

export const connect = (gateway) => new Client({
  url: `${gateway}/graphql`,
  exchanges: [cacheExchange, fetchExchange],
  fetchOptions: { credentials: 'include' },
})

export const errorsOf = (error) => error.graphQLErrors
