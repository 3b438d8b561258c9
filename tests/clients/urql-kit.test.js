// urql with its kit: two tabs of one browser.
import { cacheExchange } from 'urql'
import { pipe, subscribe, tap } from 'wonka'
import { identityTests } from './identity.js'
import { connect } from './urql.js'

await identityTests({
  name: 'urql',
  open(gateway, options) {
    // urql's cache shows nobody what it has; this one notes what goes in, and forgets that as it begins anew.
    let kept
    const cache = (input) => {
      const own = kept = new Map()
      const noting = (operations) => pipe(input.forward(operations), tap((answer) => own.set(answer.operation.key, answer.data)))
      return cacheExchange({ ...input, forward: noting })
    }
    const client = connect(gateway, { cache, ...options })
    const data = async (source) => {
      const { data, error } = await source.toPromise()
      if (error) throw error
      return data
    }
    return {
      ask: (query) => data(client.query(query, {})),
      change: (mutation, input) => data(client.mutation(mutation, { input })),
      watch(query) {
        let shown
        pipe(client.query(query, {}), subscribe(({ data }) => { shown = data }))
        return () => shown
      },
      kept: () => JSON.stringify([...kept.values()]),
    }
  },
})
