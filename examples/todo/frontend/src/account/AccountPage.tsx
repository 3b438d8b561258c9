import { useQuery } from '@apollo/client/react'
import { useEffect, useRef } from 'react'
import { graphql } from '../gql'
import { LoadFailure } from '../LoadFailure'
import { ChangePassword } from './ChangePassword'
import { ChangeUsername } from './ChangeUsername'
import { DeleteAccount } from './DeleteAccount'
import { Proof } from './Proof'
import { SecurityEvents } from './SecurityEvents'
import { Sessions } from './Sessions'

// The data of the page. Its mutations return the same fragment, so the page updates itself.
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

  useEffect(() => heading.current?.focus(), [me?.id]) // on a new page, screen readers start here

  return (
    <main aria-busy={loading}>
      <title>Your account · Gatelodge</title>
      <h1 tabIndex={-1} ref={heading}>Your account</h1>
      {me && (
        <Proof>
          <ChangeUsername username={me.username} />
          <ChangePassword username={me.username} />
          <Sessions sessions={me.sessions.nodes} areMore={me.sessions.pageInfo.hasNextPage} />
          <SecurityEvents events={me.securityEvents.nodes} />
          <DeleteAccount />
        </Proof>
      )}
      <LoadFailure error={error} loading={loading} retry={refetch} />
    </main>
  )
}
