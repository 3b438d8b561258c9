// Relay's way to the gateway, as docs/frontend.md shows it.

import { Environment, Network } from 'relay-runtime'
import { environments } from './kits/relay.js'

const askAt = (gateway) => async ({ text: query }, variables) => {
  const answer = await fetch(`${gateway}/graphql`, {
    method: 'POST',
    credentials: 'include',
    headers: { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query, variables }),
  })
  return answer.json()
}

export const connect = (gateway, options) =>
  environments(askAt(gateway), (ask) => new Environment({ network: Network.create(ask) }), options)

export const errorsOf = (error) => error.source?.errors ?? []
