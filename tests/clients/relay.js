// Relay's way to the gateway, as docs/frontend.md shows it.

import { Environment, Network } from 'relay-runtime'

export const connect = (gateway) => new Environment({
  network: Network.create(async ({ text: query }, variables) => {
    const answer = await fetch(`${gateway}/graphql`, {
      method: 'POST',
      credentials: 'include',
      headers: { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json' },
      body: JSON.stringify({ query, variables }),
    })
    return answer.json()
  }),
})

export const errorsOf = (error) => error.source?.errors ?? []
