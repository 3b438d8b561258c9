// urql, which sends queries by GET.
import assert from 'node:assert/strict'
import { CombinedError } from 'urql'
import { connect, errorsOf } from './urql.js'
import { accountTests } from './suite.js'

await accountTests({
  name: 'urql',
  open(gateway) {
    const { current } = connect(gateway)
    return {
      async send(operation, variables = {}) {
        const { data, error } = await (operation.startsWith('mutation') ? current().mutation(operation, variables) : current().query(operation, variables))
        if (!error) return data
        assert.equal(data, undefined)
        throw error
      },
    }
  },
  errorsOf,
  looks: {
    refused: is('GraphQL', (error) => [200, 400].includes(error.response.status)),
    forbidden: is('GraphQL', (error) => error.response.status === 403),
    busy: is('GraphQL', (error) => error.response.status === 503),
    unanswered: is('Network', (error) => error.networkError instanceof TypeError && !error.response),
  },
})

function is(kind, also) {
  return (error) => assert.ok(error instanceof CombinedError && error.message.startsWith(`[${kind}] `) && also(error), error)
}
