// Apollo Client: each user of a shared computer gets a separate client, so nobody sees the previous user's data.
import { ApolloLink, gql, type ApolloClient } from '@apollo/client'
import { OperationTypeNode } from 'graphql'
import { firstValueFrom, from, map, mergeMap, of } from 'rxjs'
import { clientsOf, type Options } from './identity'

const who = gql`query Identity { __typename }`

/** Creates the page's clients. `create` must put the given link before the link that sends to the gateway. */
export const clients = (create: (identity: ApolloLink) => ApolloClient, options: Options = {}) =>
  clientsOf((check) => create(new ApolloLink((operation, forward) => {
    const ask = () =>
      firstValueFrom(ApolloLink.execute(new ApolloLink((question) => forward(question)), { query: who }, { client: operation.client }))
    return forward(operation).pipe(mergeMap((answer) => {
      // A stream has the identity in a header.
      const identity: unknown = operation.getContext()['response']?.headers?.get('Gatelodge-Identity')
      const extensions = identity ? { ...answer.extensions, identity } : answer.extensions
      const later = check({ ...answer, extensions }, operation.operationType === OperationTypeNode.MUTATION, ask)
      return later ? from(later).pipe(map(() => answer)) : of(answer)
    }))
  })), options)
