import { useMutation } from '@apollo/client/react'
import { Link, useLocation, useNavigate } from 'react-router'
import { Form } from './Form'
import { graphql } from './gql'
import { RememberMe } from './RememberMe'
import { returnPath } from './return'
import { checkSame, useNewPassword } from './rules'

const Register = graphql(`
  mutation Register($input: RegisterInput!) {
    register(input: $input) {
      user { id }
      userErrors { code message field retryAfter }
    }
  }
`)

export function RegisterPage() {
  const [register] = useMutation(Register)
  const newPassword = useNewPassword()
  const { search } = useLocation()
  const navigate = useNavigate()

  return (
    <main>
      <title>Create an account · Gatelodge</title>
      <h1>Create an account</h1>
      <Form
        button="Create account"
        fields={[
          { name: 'username', label: 'Username', type: 'text', autoComplete: 'username', missing: 'Choose a username.' },
          {
            name: 'password', label: 'Password', type: 'password', autoComplete: 'new-password', ...newPassword,
            missing: 'Choose a password.',
          },
          {
            name: 'confirmPassword', label: 'Confirm password', type: 'password', autoComplete: 'new-password',
            missing: 'Type the password again.', check: (again, { password }) => checkSame(again, password),
          },
        ]}
        send={async ({ rememberMe, ...input }) => {
          const { data } = await register({ variables: { input: { ...input, rememberMe: rememberMe === 'on' } } })
          if (data?.register.user) await navigate(returnPath(search), { replace: true })
          return data?.register.userErrors ?? []
        }}
      >
        <RememberMe />
      </Form>
      <p className="aside">Have an account? <Link to={{ pathname: '/login', search }}>Log in</Link></p>
    </main>
  )
}
