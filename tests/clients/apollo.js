// Apollo Client's way to the gateway, as docs/frontend.md shows it.

import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache } from '@apollo/client'
import { identityLink } from './kits/apollo.js'

export const connect = (gateway, options) => new ApolloClient({
  link: ApolloLink.from([identityLink(options), new HttpLink({ uri: `${gateway}/graphql`, credentials: 'include' })]),
  cache: new InMemoryCache(),
})

export const errorsOf = (error) => (CombinedGraphQLErrors.is(error) ? error.errors : [])
