import { useMutation } from '@apollo/client/react'
import { useEffect, useRef } from 'react'
import { Link, NavLink, useNavigate } from 'react-router'
import { explain } from './gateway'
import { graphql } from './gql'

const Logout = graphql(`
  mutation Logout {
    logout { loggedOut }
  }
`)

/** The header of every page. For signed-in users it shows the username, the link to the account and the logout button. */
export function Navigation({ username }: { username?: string | undefined }) {
  const [logout, { error, loading }] = useMutation(Logout)
  const navigate = useNavigate()
  const alert = useRef<HTMLParagraphElement>(null)

  useEffect(() => { if (error) alert.current?.focus() }, [error])

  async function leave() {
    await logout()
    await navigate('/login', { replace: true })
  }

  return (
    <header>
      <div className="bar">
        <Link className="brand" to="/"><img src="/favicon.svg" alt="" width="28" height="28" /><span>Gatelodge</span></Link>
        {username && (
          <nav aria-label="Your account">
            <NavLink className="user" to="/account">{username}</NavLink>
            <button className="quiet small" disabled={loading} onClick={() => leave().catch(() => {})}>Log out</button>
          </nav>
        )}
      </div>
      {error && <p className="message problem" role="alert" tabIndex={-1} ref={alert}>{explain(error)}</p>}
    </header>
  )
}
