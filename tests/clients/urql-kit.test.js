// urql with its kit: two tabs of one browser.
import { cacheExchange, Client, fetchExchange } from 'urql'
import { pipe, subscribe as listen, tap } from 'wonka'
import { identityTests } from './identity.js'
import { clients } from './kits/urql.js'

await identityTests({
  name: 'urql',
  open(gateway, options) {
    // urql's cache cannot be read; this one records the entries.
    let kept
    const noting = ({ forward }) => {
      const own = kept = new Map()
      return (operations) => pipe(forward(operations), tap((answer) => own.set(answer.operation.key, answer.data)))
    }
    const { current, subscribe } = clients((identity) => new Client({
      url: `${gateway}/graphql`,
      exchanges: [cacheExchange, noting, identity, fetchExchange],
      fetchOptions: { credentials: 'include' },
    }), options)
    const data = async (source) => {
      const { data, error } = await source.toPromise()
      if (error) throw error
      return data
    }
    return {
      ask: (query) => data(current().query(query, {})),
      change: (mutation, input) => data(current().mutation(mutation, { input })),
      // As React does it: another client starts the page again.
      watch(query) {
        let shown, watching
        const begin = () => {
          watching?.unsubscribe()
          shown = undefined
          watching = pipe(current().query(query, {}), listen(({ data }) => { shown = data }))
        }
        subscribe(begin)
        begin()
        return () => shown
      },
      kept: () => JSON.stringify([...kept.values()]),
    }
  },
})
