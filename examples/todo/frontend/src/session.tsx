// The two parts of the app: pages for signed-in users, and pages for all others, with the redirects between them.
import { useQuery } from '@apollo/client/react'
import { Navigate, Outlet, useLocation } from 'react-router'
import { graphql } from './gql'
import { Navigation } from './Navigation'
import { loginPath, returnPath } from './return'

export const Me = graphql(`
  query Me {
    me { id username createdAt }
    session { id expiresAt }
  }
`)

export function SignedIn() {
  const { data } = useQuery(Me)
  const location = useLocation()

  if (data && !data.me) return <Navigate to={loginPath(location)} replace />
  return (
    <div className="page wide">
      <Navigation username={data?.me?.username} />
      <Outlet />
    </div>
  )
}

export function SignedOut() {
  const { data } = useQuery(Me)
  const { search } = useLocation()

  if (data?.me) return <Navigate to={returnPath(search)} replace />
  return (
    <div className="page">
      <Navigation />
      <Outlet />
    </div>
  )
}
