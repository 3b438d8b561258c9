import { useQuery } from '@apollo/client/react'
import { useEffect, useRef } from 'react'
import { Link, Navigate } from 'react-router'
import { explain } from '../gateway'
import { graphql } from '../gql'
import { ChangePassword } from './ChangePassword'
import { ChangeUsername } from './ChangeUsername'
import { DeleteAccount } from './DeleteAccount'
import { Proof } from './Proof'
import { SecurityEvents } from './SecurityEvents'
import { Sessions } from './Sessions'

// What the page shows. The mutations on it answer with the same, so that it follows them by itself.
graphql(`
  fragment Account on User {
    id
    username
    sessions(first: 20) {
      nodes { id deviceName clientAddress lastSeenAt current }
      pageInfo { hasNextPage }
    }
    securityEvents(first: 10) {
      nodes { id kind createdAt clientAddress }
    }
  }
`)

const Account = graphql(`
  query Account {
    me { ...Account }
  }
`)

export function AccountPage() {
  const { data, error, loading, refetch } = useQuery(Account, { fetchPolicy: 'cache-and-network' })
  const heading = useRef<HTMLHeadingElement>(null)
  const me = data?.me

  useEffect(() => heading.current?.focus(), [me?.id]) // a new page: screen readers begin here

  if (data && !me) return <Navigate to="/login" replace />
  return (
    <main className="account" aria-busy={loading}>
      <title>Account · Gatelodge</title>
      <h1 tabIndex={-1} ref={heading}>{me ? `Account of ${me.username}` : 'Account'}</h1>
      <p><Link to="/">Home</Link></p>
      {me && (
        <Proof key={me.id}>
          <Sessions sessions={me.sessions.nodes} areMore={me.sessions.pageInfo.hasNextPage} />
          <ChangePassword username={me.username} />
          <ChangeUsername />
          <SecurityEvents events={me.securityEvents.nodes} />
          <DeleteAccount />
        </Proof>
      )}
      {error && <button disabled={loading} onClick={() => refetch().catch(() => {})}>Try again</button>}
      <p className="note problem" role="alert">{error && explain(error)}</p>
    </main>
  )
}
