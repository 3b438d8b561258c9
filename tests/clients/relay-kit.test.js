// Relay with its kit: two tabs of one browser.
import { commitMutation, createOperationDescriptor, fetchQuery } from 'relay-runtime'
import { identityTests } from './identity.js'
import { connect } from './relay.js'
import { compiled } from './relay-app.js'

await identityTests({
  name: 'Relay',
  open(gateway, options) {
    const { current, subscribe } = connect(gateway, options)
    const ask = (query) => {
      const [environment, { node }] = [current(), compiled(query)]
      environment.retain(createOperationDescriptor(node, {}))
      return fetchQuery(environment, node, {}, { fetchPolicy: 'store-or-network' })
    }
    return {
      ask: (query) => ask(query).toPromise(),
      change: (mutation, input) => new Promise((done, failed) => {
        commitMutation(current(), { mutation: compiled(mutation).node, variables: { input }, onCompleted: done, onError: failed })
      }),
      // As React does it: another environment starts the page again.
      watch(query) {
        let shown, asking
        const begin = () => {
          asking?.unsubscribe()
          shown = undefined
          asking = ask(query).subscribe({ next: (data) => { shown = data }, error() {} })
        }
        subscribe(begin)
        begin()
        return () => shown
      },
      kept: () => JSON.stringify(current().getStore().getSource()),
    }
  },
})
