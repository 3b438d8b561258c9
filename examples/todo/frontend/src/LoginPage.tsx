import { useMutation } from '@apollo/client/react'
import { Link, useLocation, useNavigate } from 'react-router'
import { Form } from './Form'
import { graphql } from './gql'
import { RememberMe } from './RememberMe'
import { returnPath } from './return'

const Login = graphql(`
  mutation Login($input: LoginInput!) {
    login(input: $input) {
      user { id }
      userErrors { code message field retryAfter }
    }
  }
`)

export function LoginPage() {
  const [login] = useMutation(Login)
  const { search } = useLocation()
  const navigate = useNavigate()

  return (
    <main>
      <title>Log in · Gatelodge</title>
      <h1>Log in</h1>
      <Form
        button="Log in"
        fields={[
          { name: 'username', label: 'Username', type: 'text', autoComplete: 'username', missing: 'Enter your username.' },
          { name: 'password', label: 'Password', type: 'password', autoComplete: 'current-password', missing: 'Enter your password.' },
        ]}
        send={async ({ rememberMe, ...input }) => {
          const { data } = await login({ variables: { input: { ...input, rememberMe: rememberMe === 'on' } } })
          if (data?.login.user) await navigate(returnPath(search), { replace: true })
          return data?.login.userErrors ?? []
        }}
      >
        <RememberMe />
      </Form>
      <p className="aside">New here? <Link to={{ pathname: '/register', search }}>Create an account</Link></p>
    </main>
  )
}
