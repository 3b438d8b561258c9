// Apollo Client with its kit: two tabs of one browser.
import { gql } from '@apollo/client'
import { connect } from './apollo.js'
import { identityTests } from './identity.js'

await identityTests({
  name: 'Apollo Client',
  open(gateway, options) {
    const client = connect(gateway, options)
    return {
      ask: async (query) => (await client.query({ query: gql(query) })).data,
      change: async (mutation, input) => (await client.mutate({ mutation: gql(mutation), variables: { input } })).data,
      watch(query) {
        let shown
        client.watchQuery({ query: gql(query) }).subscribe(({ data }) => { shown = data })
        return () => shown
      },
      kept: () => JSON.stringify(client.extract()),
    }
  },
})
