// A page with Apollo Client, as docs/frontend.md shows it: run.sh makes kits/page.js of it.

import { ApolloProvider } from '@apollo/client/react'
import { useSyncExternalStore } from 'react'

export function Gateway({ clients, children }) {
  const client = useSyncExternalStore(clients.subscribe, clients.current, clients.current)
  return <ApolloProvider client={client} key={clients.generation()}>{children}</ApolloProvider>
}
