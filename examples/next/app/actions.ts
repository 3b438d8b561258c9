'use server'
// The server actions of the forms. They run on the web server.
import { redirect } from 'next/navigation'
import { act } from './gateway'

export interface Problem {
  code: string
  message: string
  field: string[] | null
}

const Login = `mutation Login($input: LoginInput!) {
  login(input: $input) {
    user { id }
    userErrors { code message field }
  }
}`

/** Logs in and redirects to the home page, or returns the user errors. */
export async function login(_: Problem[], form: FormData): Promise<Problem[]> {
  const input = { username: String(form.get('username')), password: String(form.get('password')) }
  const { login } = await act<{ login: { userErrors: Problem[] } }>(Login, { input })
  if (login.userErrors.length > 0) return login.userErrors
  redirect('/')
}

export async function logout() {
  await act('mutation Logout { logout { loggedOut } }')
  redirect('/')
}
