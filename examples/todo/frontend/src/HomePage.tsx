import { useMutation, useQuery } from '@apollo/client/react'
import { useEffect, useRef } from 'react'
import { Link, Navigate, useNavigate } from 'react-router'
import { explain } from './gateway'
import { graphql } from './gql'
import { Time } from './Time'

const Me = graphql(`
  query Me {
    me { id username createdAt }
    session { id expiresAt }
  }
`)

const Logout = graphql(`
  mutation Logout {
    logout { loggedOut }
  }
`)

export function HomePage() {
  const { data, error, loading, refetch } = useQuery(Me)
  const [logout, leaving] = useMutation(Logout)
  const navigate = useNavigate()
  const heading = useRef<HTMLHeadingElement>(null)
  const alert = useRef<HTMLParagraphElement>(null)
  const me = data?.me
  const failure = error ?? leaving.error

  useEffect(() => heading.current?.focus(), [me?.id]) // a new page: screen readers begin here
  useEffect(() => { if (failure) alert.current?.focus() }, [failure]) // the button that had the focus is gone, or was disabled

  async function leave() {
    await logout()
    await navigate('/login', { replace: true })
  }

  if (data && !me) return <Navigate to="/login" replace />
  return (
    <main aria-busy={loading}>
      <title>Home · Gatelodge</title>
      <h1 tabIndex={-1} ref={heading}>{me ? `Hello, ${me.username}` : 'Home'}</h1>
      {me && data.session && (
        <dl>
          <dt>Member since</dt>
          <dd><Time at={me.createdAt} /></dd>
          <dt>Logged in until</dt>
          <dd><Time at={data.session.expiresAt} /></dd>
        </dl>
      )}
      {me && <p><Link to="/account">Your account</Link></p>}
      {me && <button disabled={leaving.loading} onClick={() => leave().catch(() => {})}>Log out</button>}
      {error && <button disabled={loading} onClick={() => refetch().catch(() => {})}>Try again</button>}
      <p className="note problem" role="alert" tabIndex={-1} ref={alert}>{failure && explain(failure)}</p>
    </main>
  )
}
