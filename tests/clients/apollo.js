// Apollo Client's way to the gateway, as docs/frontend.md shows it.

import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache } from '@apollo/client'

export const connect = (gateway) => new ApolloClient({
  link: new HttpLink({ uri: `${gateway}/graphql`, credentials: 'include' }),
  cache: new InMemoryCache(),
})

export const errorsOf = (error) => (CombinedGraphQLErrors.is(error) ? error.errors : [])
