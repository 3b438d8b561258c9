// Apollo Client's way to the gateway, as docs/frontend.md shows it.

import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache } from '@apollo/client'
import { clients } from './kits/apollo.js'

export const connect = (gateway, options) => clients((identity) => new ApolloClient({
  link: ApolloLink.from([identity, new HttpLink({ uri: `${gateway}/graphql`, credentials: 'include' })]),
  cache: new InMemoryCache(),
}), options)

export const errorsOf = (error) => (CombinedGraphQLErrors.is(error) ? error.errors : [])
