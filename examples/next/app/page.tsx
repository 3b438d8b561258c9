import Link from 'next/link'
import { logout } from './actions'
import { ask } from './gateway'

export default async function Home() {
  const { me } = await ask<{ me: { username: string } | null }>('query Me { me { username } }')
  if (!me) return <p>You are not logged in. <Link href="/login">Log in</Link></p>
  return (
    <>
      <h1>Hello, {me.username}</h1>
      <form action={logout}><button>Log out</button></form>
    </>
  )
}
