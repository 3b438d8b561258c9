// Every hook of urql that shows data, with the kit.
import { createElement as h, useSyncExternalStore } from 'react'
import { cacheExchange, Client, fetchExchange, Provider, useMutation, useQuery } from 'urql'
import { hookTests, isFirst, Name, pause, useStart } from './hooks.js'
import { clients } from './kits/urql.js'
import { Me, RevokeOthers } from './operations.js'

const Gateway = ({ clients, children }) => {
  const client = useSyncExternalStore(clients.subscribe, clients.current, clients.current)
  return h(Provider, { value: client, key: clients.generation() }, children)
}
const usePause = () => useSyncExternalStore(pause.subscribe, pause.get)
const policies = ['cache-first', 'cache-and-network', 'network-only']

await hookTests({
  name: 'urql',
  connect: (gateway, options, hook = '') => clients((identity) => new Client({
    url: `${gateway}/graphql`,
    exchanges: [cacheExchange, identity, fetchExchange],
    fetchOptions: { credentials: 'include' },
    suspense: hook.includes('suspense'),
  }), options),
  change: async (client, mutation, input) => (await client.mutation(mutation, { input }).toPromise()).data,
  Provider: Gateway,
  hooks: {
    ...Object.fromEntries(policies.map((requestPolicy) => [`useQuery, ${requestPolicy}`, () => {
      const [{ data }] = useQuery({ query: Me, requestPolicy })
      return h(Name, { of: data?.me })
    }])),
    'useQuery, paused': () => {
      const [{ data }] = useQuery({ query: Me, pause: usePause() })
      return h(Name, { of: data?.me })
    },
    'useQuery, with suspense': () => h(Name, { of: useQuery({ query: Me })[0].data?.me }),
    'useQuery, paused, with suspense': () => h(Name, { of: useQuery({ query: Me, pause: usePause() })[0].data?.me }),
    'useQuery, asked by hand': () => {
      const [{ data }, ask] = useQuery({ query: Me, pause: true })
      useStart(() => ask({ requestPolicy: 'network-only' }))
      return h(Name, { of: data?.me })
    },
    useMutation: () => {
      const [{ data }, revoke] = useMutation(RevokeOthers)
      useStart(() => { if (isFirst) revoke({}) })
      return h(Name, { of: data?.revokeOtherSessions.user })
    },
  },
  paused: ['useQuery, paused', 'useQuery, paused, with suspense'],
  once: ['useMutation'],
})
