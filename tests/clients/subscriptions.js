// Subscriptions of each client, as docs/subscriptions.md shows them.

import { createClient } from 'graphql-ws'

export const openSocket = (gateway, options) => createClient({ url: `${gateway.replace(/^http/, 'ws')}/graphql`, ...options })

import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'

export function apolloClient(gateway, socket) {
  const http = new HttpLink({ uri: `${gateway}/graphql`, credentials: 'include' })
  const link = ApolloLink.split(({ operationType }) => operationType === 'subscription', new GraphQLWsLink(socket), http)
  return new ApolloClient({ link, cache: new InMemoryCache() })
}

import { cacheExchange, Client, fetchExchange, subscriptionExchange } from 'urql'

export function urqlClient(gateway, socket) {
  const subscriptions = subscriptionExchange({
    forwardSubscription: ({ query, variables }) => ({
      subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query: query ?? '', variables }, sink) }),
    }),
  })
  return new Client({
    url: `${gateway}/graphql`,
    exchanges: [cacheExchange, fetchExchange, subscriptions],
    fetchOptions: { credentials: 'include' },
  })
}

import { Environment, Network, Observable } from 'relay-runtime'

export function relayEnvironment(fetchQuery, socket) {
  const subscribe = ({ text }, variables) => Observable.create((sink) => socket.subscribe({ query: text ?? '', variables }, sink))
  return new Environment({ network: Network.create(fetchQuery, subscribe) })
}

import { createClient as createEventsClient } from 'graphql-sse'

export const openEvents = (gateway, options) => createEventsClient({ url: `${gateway}/graphql`, credentials: 'include', ...options })
