// What the kits share. Gatelodge says in `extensions.identity` of every answer who is signed in. When that changes, there is a new
// client whose cache has never seen the last user's data, and the other tabs get the news by a BroadcastChannel.

export interface Options {
  /** The identity in the answer from which a server rendered the page. */
  identity?: string | undefined
  /** The channel to the other tabs. A server has none, because its process serves many users. */
  tabs?: BroadcastChannel | undefined
}

/** The clients of a page, one for each user who was signed in, one after the other. */
export interface Clients<Client> {
  /** Returns the client to use now. Ask each time: a client that you keep is the last user's after a change. */
  current: () => Client
  /** Calls `listener` when there is a new client. Returns a function that ends the calls. */
  subscribe: (listener: () => void) => () => void
  /** Returns another number for each client: the `key` of everything below the provider. */
  generation: () => number
}

/** The part of an answer that the kits look at. */
interface Answer {
  data?: unknown
  extensions?: Record<string, unknown> | undefined
}

/**
 * Checks whether the client may have an answer: throws, or rejects, when it belongs to another user than the one who is signed in.
 * `ask` sends `{ __typename }` past every cache; only late mutations need it.
 */
export type Check = (answer: Answer, isMutation: boolean, ask: () => Promise<Answer>) => void | Promise<void>

const identityOf = (answer: Answer) => answer.extensions?.['identity']
const openTabs = () => ('document' in globalThis && 'BroadcastChannel' in globalThis ? new BroadcastChannel('gatelodge') : undefined)

/** Makes the clients of a page: `create` returns a new one that gives every answer to `check`. */
export function clientsOf<Client>(create: (check: Check) => Client, { identity, tabs = openTabs() }: Options): Clients<Client> {
  const listeners = new Set<() => void>()
  let known = identity
  let generation = 0
  let current = begin()

  function begin(): Client {
    const begun = generation
    return create((answer, isMutation, ask) => {
      const now = identityOf(answer)
      if (now === known || (now === undefined && !answer.data)) return // a 503, for one, says nothing of who is signed in
      if (begun === generation) return learn(now)
      // Sent by the last client. A query is overtaken. A mutation may be the login that comes last: the gateway knows.
      const judge = () => {
        if (now !== known) throw new Error('The signed-in user changed while this request was running')
      }
      if (!isMutation) return judge()
      return ask().then((last) => {
        learn(identityOf(last))
        judge()
      })
    })
  }

  function learn(now: unknown) {
    if (typeof now !== 'string' || now === known) return
    tabs?.postMessage(now)
    if (known === undefined) known = now // the page has just been loaded and has nothing of anybody else's
    else become(now)
  }

  function become(now: string) {
    known = now
    generation++
    current = begin()
    for (const listener of listeners) listener()
  }

  // A tab that hears the news does not send it on, so there are no loops.
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
