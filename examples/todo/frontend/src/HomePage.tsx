import { useQuery } from '@apollo/client/react'
import { useEffect, useRef } from 'react'
import { Link } from 'react-router'
import { LoadFailure } from './LoadFailure'
import { Me } from './session'
import { Time } from './Time'

export function HomePage() {
  const { data, error, loading, refetch } = useQuery(Me)
  const heading = useRef<HTMLHeadingElement>(null)
  const me = data?.me

  useEffect(() => heading.current?.focus(), [me?.id]) // on a new page, screen readers start here

  return (
    <main aria-busy={loading}>
      <title>Home · Gatelodge</title>
      <h1 tabIndex={-1} ref={heading}>{me ? `Hello, ${me.username}` : 'Home'}</h1>
      {me && data.session && (
        <dl>
          <div><dt>Member since</dt><dd><Time at={me.createdAt} /></dd></div>
          <div><dt>Logged in until</dt><dd><Time at={data.session.expiresAt} /></dd></div>
        </dl>
      )}
      {me && <p><Link to="/account">Your account</Link></p>}
      <LoadFailure error={error} loading={loading} retry={refetch} />
    </main>
  )
}
