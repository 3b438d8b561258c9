// Every hook of Relay that shows data, with the kit.
import { createElement as h, Suspense, useMemo, useSyncExternalStore } from 'react'
import relay from 'react-relay'
import { commitMutation } from 'relay-runtime'
import { hookTests, isFirst, Name, useStart } from './hooks.js'
import { connect } from './relay.js'
import { compiled, generated } from './relay-app.js'
import { RevokeOthers } from './operations.js'

const {
  loadQuery, RelayEnvironmentProvider, useFragment, useLazyLoadQuery, useMutation, usePaginationFragment, usePreloadedQuery, useQueryLoader,
  useRefetchableFragment, useRelayEnvironment,
} = relay
const { ShownQuery, Shown_user: plain, ShownRefetchable_user: refetchable, ShownPages_user: pages } = generated

const Gateway = ({ clients, children }) => {
  const environment = useSyncExternalStore(clients.subscribe, clients.current, clients.current)
  return h(RelayEnvironmentProvider, { environment, key: clients.generation() }, children)
}

const policies = ['store-or-network', 'store-and-network', 'network-only']
const Preloaded = ({ of: reference }) => h(Name, { of: usePreloadedQuery(ShownQuery, reference).me })
const Plain = ({ of: user }) => h(Name, { of: useFragment(plain, user) })
const Refetchable = ({ of: user }) => h(Name, { of: useRefetchableFragment(refetchable, user)[0] })
const Pages = ({ of: user }) => h(Name, { of: usePaginationFragment(pages, user).data })
const below = (Fragment) => () => h(Fragment, { of: useLazyLoadQuery(ShownQuery, {}).me })

// React restarts a suspended component, so that this keeps the loaded query, as a router does.
const references = new WeakMap()
function loaded(environment) {
  if (!references.has(environment)) references.set(environment, loadQuery(environment, ShownQuery, {}))
  return references.get(environment)
}

await hookTests({
  name: 'Relay',
  connect,
  change: (environment, mutation, input) => new Promise((done, failed) => {
    commitMutation(environment, { mutation: compiled(mutation).node, variables: { input }, onCompleted: done, onError: failed })
  }),
  Provider: Gateway,
  hooks: {
    ...Object.fromEntries(policies.map((fetchPolicy) => [`useLazyLoadQuery, ${fetchPolicy}`, () =>
      h(Name, { of: useLazyLoadQuery(ShownQuery, {}, { fetchPolicy }).me })])),
    'useQueryLoader with usePreloadedQuery': () => {
      const [reference, load] = useQueryLoader(ShownQuery)
      useStart(() => load({}))
      return h(Suspense, { fallback: 'waiting' }, reference && h(Preloaded, { of: reference }))
    },
    'loadQuery of the current environment': () => {
      const environment = useRelayEnvironment()
      return h(Preloaded, { of: useMemo(() => loaded(environment), [environment]) })
    },
    useFragment: below(Plain),
    useRefetchableFragment: below(Refetchable),
    usePaginationFragment: below(Pages),
    useMutation: () => {
      const [revoke] = useMutation(compiled(RevokeOthers).node)
      useStart(() => { if (isFirst) revoke({ variables: {} }) })
      return h(Name, { of: useLazyLoadQuery(ShownQuery, {}).me })
    },
  },
})
