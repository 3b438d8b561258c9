// graphql-request.
import assert from 'node:assert/strict'
import { ClientError } from 'graphql-request'
import { connect, errorsOf } from './graphql-request.js'
import { accountTests } from './suite.js'

await accountTests({
  name: 'graphql-request',
  open(gateway) {
    const client = connect(gateway)
    return {
      send: (operation, variables) => client.request(operation, variables),
    }
  },
  errorsOf,
  looks: {
    refused: (error) => assert.ok(error instanceof ClientError && [200, 400].includes(error.response.status), error),
    forbidden: (error) => assert.ok(error instanceof ClientError && error.response.status === 403, error),
    busy(error) {
      assert.ok(error instanceof ClientError && error.response.status === 503, error)
      assert.equal(error.response.headers.get('Retry-After'), '2')
      assert.equal(error.response.data, undefined)
    },
    unanswered: (error) => assert.ok(error instanceof TypeError, error),
  },
})
