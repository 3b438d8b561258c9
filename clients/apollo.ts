// Apollo Client: the next person at a shared computer sees nothing of the last one's. Gatelodge says in every answer's
// `extensions.identity` who is signed in: when that changes, this link empties the cache, asks what is on the page anew, and
// tells the other tabs.
import { ApolloLink, gql, type ApolloClient } from '@apollo/client'
import { OperationTypeNode } from 'graphql'
import { finalize, from, map, mergeMap, of } from 'rxjs'

interface Options {
  /** The identity in the answer that a server rendered the page from. */
  identity?: string | undefined
  /** Where tabs tell each other. A server has none: its process serves many people. */
  tabs?: BroadcastChannel | undefined
}

const openTabs = () => ('document' in globalThis && 'BroadcastChannel' in globalThis ? new BroadcastChannel('gatelodge') : undefined)

/** Goes before the link that asks the gateway: `ApolloLink.from([identityLink(), new HttpLink(…)])`; one for each client. */
export function identityLink({ identity, tabs = openTabs() }: Options = {}): ApolloLink {
  let client: ApolloClient | undefined
  let known = identity
  let age = 0 // how many changes there were: what was asked before the last one must not be kept

  // Cancels queries on their way, clears the page, and asks anew what is on it; queries tell their own failures.
  const renew = () => void client?.resetStore().catch(() => {})

  /** Whether there may be something of somebody else's: not in a page that has just been loaded, but on its way to it. */
  function become(now: string): boolean {
    const wasSomebody = known !== undefined
    known = now
    if (wasSomebody) void client?.cache.reset() // at once: the answer that brings the news is written next
    return wasSomebody
  }

  // Who hears it does not tell it on: there are no loops.
  if (tabs) tabs.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (typeof data !== 'string' || data === known) return
    age++
    if (become(data)) renew()
  }

  return new ApolloLink((operation, forward) => {
    client = operation.client
    const asked = age
    let end = () => {}
    return forward(operation).pipe(mergeMap((answer) => {
      const now: unknown = answer.extensions?.['identity'] // answers that nobody was asked for, such as a 503, have none
      if (now === known || (now === undefined && !answer.data)) return of(answer)
      if (asked !== age) { // a log-in, or overtaken by one: the gateway knows who is signed in
        return from(operation.client.query({ query: gql`{ __typename }`, fetchPolicy: 'no-cache' })).pipe(map(() => {
          if (now === known) return answer
          renew()
          throw new Error('Somebody else is signed in by now')
        }))
      }
      if (typeof now !== 'string') return of(answer)
      tabs?.postMessage(now)
      if (become(now)) {
        age++
        if (operation.operationType === OperationTypeNode.MUTATION) renew()
        else end = renew // a query is not to cancel itself
      }
      return of(answer)
    }), finalize(() => end()))
  })
}
