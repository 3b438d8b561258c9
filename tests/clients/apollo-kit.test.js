// Apollo Client with its kit: two tabs of one browser.
import { gql } from '@apollo/client'
import { connect } from './apollo.js'
import { identityTests } from './identity.js'

await identityTests({
  name: 'Apollo Client',
  open(gateway, options) {
    const { current, subscribe } = connect(gateway, options)
    return {
      ask: async (query) => (await current().query({ query: gql(query) })).data,
      change: async (mutation, input) => (await current().mutate({ mutation: gql(mutation), variables: { input } })).data,
      // As React does it: another client starts the page again.
      watch(query) {
        let shown, watching
        const begin = () => {
          watching?.unsubscribe()
          shown = undefined
          watching = current().watchQuery({ query: gql(query) }).subscribe(({ data }) => { shown = data })
        }
        subscribe(begin)
        begin()
        return () => shown
      },
      kept: () => JSON.stringify(current().extract()),
    }
  },
})
