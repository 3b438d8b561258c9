// Apollo Client.
import assert from 'node:assert/strict'
import { CombinedGraphQLErrors, gql } from '@apollo/client'
import { connect, errorsOf } from './apollo.js'
import { accountTests } from './suite.js'

await accountTests({
  name: 'Apollo Client',
  open(gateway) {
    const { current } = connect(gateway)
    return {
      async send(operation, variables) {
        const document = gql(operation)
        const mutation = document.definitions[0].operation === 'mutation'
        const { data } = await (mutation ? current().mutate({ mutation: document, variables }) : current().query({ query: document, variables }))
        return data
      },
    }
  },
  errorsOf,
  looks: {
    refused: isRefusal,
    forbidden: isRefusal,
    busy: isRefusal,
    unanswered: (error) => assert.ok(error instanceof TypeError, error),
  },
})

function isRefusal(error) {
  assert.ok(CombinedGraphQLErrors.is(error) && error.data === undefined, error)
}
