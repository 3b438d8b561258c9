// Relay: the next user of a shared computer sees nothing of the last one's data, because each gets an environment of their own.
import type { Environment, GraphQLSingularResponse, RequestParameters, Variables } from 'relay-runtime'
import { clientsOf, type Options } from './identity'

/** Sends an operation to the gateway. */
export type Ask = (request: RequestParameters, variables: Variables) => Promise<GraphQLSingularResponse>

const who: RequestParameters =
  { id: null, cacheID: 'identity', text: 'query Identity { __typename }', name: 'Identity', operationKind: 'query', metadata: {} }

/** Makes the page's environments. `create` makes one whose network is the function that it gets. */
export const environments = (ask: Ask, create: (ask: Ask) => Environment, options: Options = {}) =>
  clientsOf((check) => create(async (request, variables) => {
    const answer = await ask(request, variables)
    await check(answer, request.operationKind === 'mutation', () => ask(who, {}))
    return answer
  }), options)
