// urql: the next person at a shared computer sees nothing of the last one's. Gatelodge says in every answer's
// `extensions.identity` who is signed in: when that changes, this exchange begins a new cache, asks what is on the page anew, and
// tells the other tabs.
import { cacheExchange, makeErrorResult, makeOperation, type Exchange, type Operation, type OperationResult } from '@urql/core'
import { empty, filter, fromValue, makeSubject, merge, mergeMap, pipe, publish, share, switchMap, tap, type Source } from 'wonka'

interface Options {
  /** The cache: urql's own, or Graphcache's `cacheExchange({ … })`. */
  cache?: Exchange | undefined
  /** The identity in the answer that a server rendered the page from. */
  identity?: string | undefined
  /** Where tabs tell each other. A server has none: its process serves many people. */
  tabs?: BroadcastChannel | undefined
}

const openTabs = () => ('document' in globalThis && 'BroadcastChannel' in globalThis ? new BroadcastChannel('gatelodge') : undefined)

/** Stands where the cache would stand: `exchanges: [identityExchange(), fetchExchange]`. */
export const identityExchange = ({ cache = cacheExchange, identity, tabs = openTabs() }: Options = {}): Exchange =>
  ({ client, dispatchDebug, forward }) => (operations) => {
    let known = identity
    let age = 0 // how many changes there were: what was asked before the last one must not be kept
    const shown = new Map<number, Operation>()
    const [ages, asked, past] = [makeSubject<number>(), makeSubject<Operation>(), makeSubject<OperationResult>()]

    function forget() {
      ages.next(++age)
      for (const query of shown.values()) {
        past.next({ operation: query, data: null, stale: true, hasNext: false }) // off the page at once; stale: more will come
        client.reexecuteOperation(makeOperation('query', query, { ...query.context, requestPolicy: 'network-only' }))
      }
    }

    function become(now: string) {
      known = now
      forget()
    }

    // Who hears it does not tell it on: there are no loops.
    if (tabs) tabs.onmessage = ({ data }: MessageEvent<unknown>) => { if (typeof data === 'string' && data !== known) become(data) }

    const answers = pipe(forward(asked.source), filter((answer) => {
      const now: unknown = answer.extensions?.['identity'] // answers that nobody was asked for, such as a 503, have none
      const { kind, context } = answer.operation
      if (now === known || (now === undefined && !answer.data)) return true
      if (context['age'] === age) {
        if (typeof now !== 'string') return true
        tabs?.postMessage(now)
        if (known === undefined) { // the page has just been loaded: it has nothing of anybody else's
          known = now
          return true
        }
        become(now)
        past.next(answer) // the cache that asked is gone
      } else if (kind === 'mutation') { // a log-in, or overtaken by one: the gateway knows who is signed in
        const tell = () => past.next(now === known ? answer : makeErrorResult(answer.operation, new Error('Somebody else is signed in by now')))
        void client.query('{ __typename }', {}, { requestPolicy: 'network-only' }).toPromise().then(tell)
      } // a query has been asked anew
      return false
    }), share)
    publish(answers) // whatever cache listens, requests run to their end

    const ask = (operation: Operation) => asked.next(makeOperation(operation.kind, operation, { ...operation.context, age }))
    const network = (wanted: Source<Operation>) => merge([answers, pipe(wanted, tap(ask), mergeMap(() => empty as Source<never>))])
    const watched = pipe(operations, tap((operation) => {
      if (operation.kind === 'query') shown.set(operation.key, operation)
      else if (operation.kind === 'teardown') shown.delete(operation.key)
    }))
    const cached = switchMap(() => cache({ client, dispatchDebug, forward: network })(watched))
    return merge([past.source, pipe(merge([fromValue(age), ages.source]), cached)])
  }
