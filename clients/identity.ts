// Shared by the client kits. `extensions.identity` of every response identifies the signed-in user. When it changes, the kit creates a
// new client with an empty cache, and notifies the other tabs through a BroadcastChannel.

export interface Options {
  /** The identity in the response from which a server rendered the page. */
  identity?: string | undefined
  /** The channel to the other tabs. There is none on a server, because its process serves many users. */
  tabs?: BroadcastChannel | undefined
}

/** The clients of a page: a new one for each user who signs in. */
export interface Clients<Client> {
  /** Returns the current client. Never store it: after a change it belongs to the previous user. */
  current: () => Client
  /** Calls `listener` when there is a new client. Returns a function that unsubscribes. */
  subscribe: (listener: () => void) => () => void
  /** Returns a number that changes with the client: the `key` of the provider. */
  generation: () => number
}

/** The part of a response that the kits read. */
interface Answer {
  data?: unknown
  extensions?: Record<string, unknown> | undefined
}

/**
 * Checks whether the client may use a response. Throws, or rejects, when it belongs to another user than the signed-in one.
 * `ask` sends `{ __typename }` and bypasses every cache. Only late mutations need it.
 */
export type Check = (answer: Answer, isMutation: boolean, ask: () => Promise<Answer>) => void | Promise<void>

const identityOf = (answer: Answer) => answer.extensions?.['identity']
const openTabs = () => ('document' in globalThis && 'BroadcastChannel' in globalThis ? new BroadcastChannel('gatelodge') : undefined)

/** Creates the clients of a page. `create` must return a new client that passes every response to `check`. */
export function clientsOf<Client>(create: (check: Check) => Client, { identity, tabs = openTabs() }: Options): Clients<Client> {
  const listeners = new Set<() => void>()
  let known = identity
  let generation = 0
  let current = begin()

  function begin(): Client {
    const begun = generation
    return create((answer, isMutation, ask) => {
      const now = identityOf(answer)
      if (now === known || (now === undefined && !answer.data)) return // for example a 503, which has no identity
      if (begun === generation) return learn(now)
      // The previous client sent it. A query is outdated. A mutation may be the latest login, so ask the gateway.
      const rejectOther = () => {
        if (now !== known) throw new Error('The signed-in user changed while this request was running')
      }
      if (!isMutation) return rejectOther()
      return ask().then((last) => {
        learn(identityOf(last))
        rejectOther()
      })
    })
  }

  function learn(now: unknown) {
    if (typeof now !== 'string' || now === known) return
    tabs?.postMessage(now)
    if (known === undefined) known = now // the page was just loaded, so it has no data of another user
    else become(now)
  }

  function become(now: string) {
    known = now
    generation++
    current = begin()
    for (const listener of listeners) listener()
  }

  // A notified tab does not notify others, so there are no loops.
  if (tabs) tabs.onmessage = ({ data }: MessageEvent<unknown>) => { if (typeof data === 'string' && data !== known) become(data) }

  return {
    current: () => current,
    generation: () => generation,
    subscribe(listener) {
      listeners.add(listener)
      return () => { listeners.delete(listener) }
    },
  }
}
