// urql: each user of a shared computer gets a separate client, so nobody sees the previous user's data.
import { createRequest, makeErrorResult, type Client, type Exchange, type Operation, type OperationResult } from '@urql/core'
import { filter, fromPromise, fromValue, makeSubject, merge, mergeMap, pipe, share, take, toPromise } from 'wonka'
import { clientsOf, type Check, type Options } from './identity'

const who = createRequest('query Identity { __typename }', {})

const exchange = (check: Check): Exchange => ({ client, forward }) => (operations) => {
  const questions = makeSubject<Operation>()
  const answers = pipe(forward(merge([operations, questions.source])), share)

  const ask = () => {
    const asked = {} // distinguishes this request from others that are equal
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

/** Creates the page's clients. `create` must put the given exchange between the cache and the exchange that sends to the gateway. */
export const clients = (create: (identity: Exchange) => Client, options: Options = {}) =>
  clientsOf((check) => create(exchange(check)), options)
