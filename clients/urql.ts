// urql: the next user of a shared computer sees nothing of the last one's data, because each gets a client of their own.
import { createRequest, makeErrorResult, type Client, type Exchange, type Operation, type OperationResult } from '@urql/core'
import { filter, fromPromise, fromValue, makeSubject, merge, mergeMap, pipe, share, take, toPromise } from 'wonka'
import { clientsOf, type Check, type Options } from './identity'

const who = createRequest('query Identity { __typename }', {})

const exchange = (check: Check): Exchange => ({ client, forward }) => (operations) => {
  const questions = makeSubject<Operation>()
  const answers = pipe(forward(merge([operations, questions.source])), share)

  const ask = () => {
    const asked = {} // tells this question from others that are the same
    const own = pipe(answers, filter(({ operation }) => operation.context['asked'] === asked), take(1), toPromise)
    questions.next(client.createRequestOperation('query', who, { requestPolicy: 'network-only', asked }))
    return own
  }

  const checked = (answer: OperationResult) => {
    const refuse = (error: Error) => makeErrorResult(answer.operation, error)
    try {
      const later = check(answer, answer.operation.kind === 'mutation', ask)
      return later ? fromPromise(later.then(() => answer, refuse)) : fromValue(answer)
    } catch (error) {
      return fromValue(refuse(error as Error))
    }
  }
  return pipe(answers, filter(({ operation }) => !operation.context['asked']), mergeMap(checked))
}

/** Makes the page's clients. `create` puts the exchange that it gets between the cache and the one that sends to the gateway. */
export const clients = (create: (identity: Exchange) => Client, options: Options = {}) =>
  clientsOf((check) => create(exchange(check)), options)
