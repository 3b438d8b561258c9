// Relay: the next person at a shared computer sees nothing of the last one's. Gatelodge says in every answer's
// `extensions.identity` who is signed in: when that changes, there is a new environment, with a store that has never seen the
// last one's data, and the other tabs are told.
import type { Environment, GraphQLSingularResponse, RequestParameters, Variables } from 'relay-runtime'

/** Asks the gateway. */
export type Ask = (request: RequestParameters, variables: Variables) => Promise<GraphQLSingularResponse>

interface Options {
  /** The identity in the answer that a server rendered the page from. */
  identity?: string | undefined
  /** Where tabs tell each other. A server has none: its process serves many people. */
  tabs?: BroadcastChannel | undefined
}

const identityOf = (answer: GraphQLSingularResponse): unknown => answer.extensions?.['identity']
const openTabs = () => ('document' in globalThis && 'BroadcastChannel' in globalThis ? new BroadcastChannel('gatelodge') : undefined)

const who: RequestParameters =
  { id: null, cacheID: 'identity', text: '{ __typename }', name: 'identity', operationKind: 'query', metadata: {} }

/** Environments, one after the other: `environments(ask, (ask) => new Environment({ network: Network.create(ask) }))`. */
export function environments(ask: Ask, create: (ask: Ask) => Environment, { identity, tabs = openTabs() }: Options = {}) {
  let known = identity
  let current = begin()
  const listeners = new Set<() => void>()

  function begin(): Environment {
    const environment = create(async (request, variables) => {
      const answer = await ask(request, variables)
      const now = identityOf(answer)
      if (now === known || (now === undefined && !('data' in answer))) return answer
      if (environment === current) learn(now)
      else {
        // A log-in, or overtaken by one: the gateway knows who is signed in.
        if (request.operationKind === 'mutation') learn(identityOf(await ask(who, {})))
        if (now !== known) throw new Error('Somebody else is signed in by now')
      }
      return answer
    })
    return environment
  }

  function learn(now: unknown) {
    if (typeof now !== 'string' || now === known) return // answers that nobody was asked for, such as a 503, have none
    tabs?.postMessage(now)
    if (known === undefined) known = now // the page has just been loaded: it has nothing of anybody else's
    else become(now)
  }

  function forget() {
    current = begin()
    for (const listener of listeners) listener()
  }

  function become(now: string) {
    known = now
    forget()
  }

  // Who hears it does not tell it on: there are no loops.
  if (tabs) tabs.onmessage = ({ data }: MessageEvent<unknown>) => { if (typeof data === 'string' && data !== known) become(data) }

  return {
    /** The environment to use now. */
    current: () => current,
    /** Tells when there is another one; what it returns ends that. */
    subscribe(listener: () => void) {
      listeners.add(listener)
      return () => { listeners.delete(listener) }
    },
  }
}
