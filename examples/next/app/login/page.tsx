'use client'
import { useActionState } from 'react'
import { login } from '../actions'

export default function LoginPage() {
  const [problems, submit, isRunning] = useActionState(login, [])
  return (
    <form action={submit}>
      <h1>Log in</h1>
      <label>Username <input name="username" autoComplete="username" required /></label>
      <label>Password <input name="password" type="password" autoComplete="current-password" required /></label>
      <button disabled={isRunning}>Log in</button>
      {problems.map(({ code, message }) => <p role="alert" key={code}>{message}</p>)}
    </form>
  )
}
