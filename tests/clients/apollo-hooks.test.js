// Every hook of Apollo Client that shows data, with the kit.
import { gql } from '@apollo/client'
import {
  createQueryPreloader, useApolloClient, useBackgroundQuery, useFragment, useLazyQuery, useLoadableQuery, useMutation, useQuery,
  useReadQuery, useSuspenseFragment, useSuspenseQuery,
} from '@apollo/client/react'
import { createElement as h, Suspense, useMemo, useSyncExternalStore } from 'react'
import { connect } from './apollo.js'
import { hookTests, isFirst, Name, pause, useStart } from './hooks.js'
import { Gateway } from './kits/page.js'
import { Me as MeText, RevokeOthers as RevokeText } from './operations.js'

const [Me, RevokeOthers] = [gql(MeText), gql(RevokeText)]
const fragment = gql`fragment Shown on User { username }`

const usePause = () => useSyncExternalStore(pause.subscribe, pause.get)
const Read = ({ of: reference }) => h(Name, { of: useReadQuery(reference).data?.me })
const policies = ['none', 'all', 'ignore']
const each = (name, make) => Object.fromEntries(policies.map((errorPolicy) => [`${name} with errorPolicy ${errorPolicy}`, make(errorPolicy)]))

const hooks = {
  ...each('useQuery', (errorPolicy) => () => h(Name, { of: useQuery(Me, { errorPolicy }).data?.me })),
  'useQuery, previousData': () => {
    const { data, previousData } = useQuery(Me)
    return h(Name, { of: (data ?? previousData)?.me })
  },
  'useQuery, skipped': () => {
    const { data, previousData } = useQuery(Me, { skip: usePause() })
    return h(Name, { of: (data ?? previousData)?.me })
  },
  'useQuery, on standby': () => h(Name, { of: useQuery(Me, { fetchPolicy: usePause() ? 'standby' : 'cache-first' }).data?.me }),
  useLazyQuery: () => {
    const [ask, { data, previousData }] = useLazyQuery(Me)
    useStart(() => ask().catch(() => {}))
    return h(Name, { of: (data ?? previousData)?.me })
  },
  useMutation: () => {
    const [revoke, { data }] = useMutation(RevokeOthers)
    useStart(() => { if (isFirst) revoke() })
    return h(Name, { of: data?.revokeOtherSessions.user })
  },
  useFragment: () => {
    const from = useQuery(Me, { errorPolicy: 'all' }).data?.me ?? { __typename: 'User', id: last }
    last = from.id
    return h(Name, { of: useFragment({ fragment, from }).data })
  },
  useSuspenseFragment: () => {
    const from = useSuspenseQuery(Me, { errorPolicy: 'all' }).data?.me
    return h(Name, { of: useSuspenseFragment({ fragment, from: from ?? null }).data })
  },
  ...each('useSuspenseQuery', (errorPolicy) => () => h(Name, { of: useSuspenseQuery(Me, { errorPolicy }).data?.me })),
  'useSuspenseQuery, skipped': () => h(Name, { of: useSuspenseQuery(Me, { skip: usePause(), errorPolicy: 'all' }).data?.me }),
  ...each('useBackgroundQuery', (errorPolicy) => () => {
    const [reference] = useBackgroundQuery(Me, { errorPolicy })
    return h(Suspense, { fallback: 'waiting' }, h(Read, { of: reference }))
  }),
  ...each('useLoadableQuery', (errorPolicy) => () => {
    const [load, reference] = useLoadableQuery(Me, { errorPolicy })
    useStart(load)
    return h(Suspense, { fallback: 'waiting' }, reference && h(Read, { of: reference }))
  }),
  'createQueryPreloader, of the current client': () => {
    const client = useApolloClient()
    return h(Read, { of: useMemo(() => preloaded(client), [client]) })
  },
}
let last
// React restarts a suspended component, so that this keeps the preloaded query, as a router does.
const references = new WeakMap()
function preloaded(client) {
  if (!references.has(client)) references.set(client, createQueryPreloader(client)(Me, { errorPolicy: 'all' }))
  return references.get(client)
}

await hookTests({
  name: 'Apollo Client',
  connect,
  change: async (client, mutation, input) => (await client.mutate({ mutation: gql(mutation), variables: { input } })).data,
  Provider: Gateway,
  hooks,
  paused: ['useQuery, skipped', 'useQuery, on standby', 'useSuspenseQuery, skipped'],
  once: ['useMutation'],
})
