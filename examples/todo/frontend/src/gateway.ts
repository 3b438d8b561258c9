// The connection to the gateway: its address, the Apollo clients, and the error messages.
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, ServerError } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { OperationTypeNode } from 'graphql'
import { createClient } from 'graphql-ws'
// An app outside this repository keeps its own copies of apollo.ts and identity.ts.
import { clients } from '../../../../clients/apollo'

// By default the gateway has the page's host name: for a browser, localhost and 127.0.0.1 are two sites, and a page on one gets no
// cookies from the other.
const address = import.meta.env.VITE_GATELODGE_URL || `${location.protocol}//${location.hostname}:8000`

const timeout = 30_000 // milliseconds

const http = new HttpLink({
  uri: new URL('/graphql', address).href,
  // "include" because the gateway is another origin: without it the browser neither stores nor sends the session cookie.
  credentials: 'include',
  fetch: (input, init) => {
    const signals = [init?.signal, AbortSignal.timeout(timeout)].filter((signal) => signal != null)
    return fetch(input, { ...init, signal: AbortSignal.any(signals) })
  },
})

// The browser sends the session cookie with the WebSocket. The gateway closes it when the session ends. Each user gets a new one:
// a client whose WebSocket was refused waits longer before each attempt.
const socket = () => new GraphQLWsLink(createClient({ url: new URL('/graphql', address.replace(/^http/, 'ws')).href }))
const network = () => ApolloLink.split(({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION, socket(), http)

/** The clients of the page: each user who signs in gets a new one with an empty cache, in all tabs. */
export const gateway = clients((identity) => new ApolloClient({ link: ApolloLink.from([identity, network()]), cache: new InMemoryCache() }))

/** A user error of the gateway: a problem that the user can correct. */
export interface Problem {
  code: string
  message: string
  field?: string[] | null
  retryAfter?: number | null
}

/** Returns the message of a problem: the gateway's own, except for throttling, where it adds the time to wait. */
export function say({ code, message, retryAfter }: Problem): string {
  return code === 'THROTTLED' ? `Too many attempts. Please try again ${when(retryAfter)}.` : message
}

const wentWrong = 'Something went wrong on our side. Please try again.'

/** Returns the message of any other error between a form and the gateway. */
export function explain(error: unknown): string {
  if (CombinedGraphQLErrors.is(error)) {
    const { code, retryAfter } = error.errors[0]?.extensions ?? {}
    if (code === 'SERVICE_BUSY') return `The server is busy right now. Please try again ${when(retryAfter)}.`
    if (code === 'SERVICE_UNAVAILABLE') return `The server is not available right now. Please try again ${when(retryAfter)}.`
    if (code === 'BAD_GATEWAY' || code === 'GATEWAY_TIMEOUT') return 'The task list is not available right now. Please try again in a moment.'
    if (code === 'UNAUTHENTICATED') return 'You are no longer logged in.'
    return wentWrong
  }
  if (ServerError.is(error)) return 'The server is not available right now. Please try again in a moment.' // for example a proxy's 502
  if (error instanceof TypeError || error instanceof DOMException) {
    return 'The server cannot be reached. Please check your connection and try again.'
  }
  return wentWrong
}

function when(seconds: unknown): string {
  if (typeof seconds !== 'number') return 'in a moment'
  const [count, unit] = seconds < 90 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute']
  return `in ${count} ${unit}${count === 1 ? '' : 's'}`
}
