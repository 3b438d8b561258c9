// Relay: each user of a shared computer gets a separate environment, so nobody sees the previous user's data.
import type { Environment, GraphQLSingularResponse, RequestParameters, Variables } from 'relay-runtime'
import { clientsOf, type Options } from './identity'

/** Sends an operation to the gateway. */
export type Ask = (request: RequestParameters, variables: Variables) => Promise<GraphQLSingularResponse>

const who: RequestParameters =
  { id: null, cacheID: 'identity', text: 'query Identity { __typename }', name: 'Identity', operationKind: 'query', metadata: {} }

/** Creates the page's environments. `create` must use the given function as the network. */
export const environments = (ask: Ask, create: (ask: Ask) => Environment, options: Options = {}) =>
  clientsOf((check) => create(async (request, variables) => {
    const answer = await ask(request, variables)
    await check(answer, request.operationKind === 'mutation', () => ask(who, {}))
    return answer
  }), options)
