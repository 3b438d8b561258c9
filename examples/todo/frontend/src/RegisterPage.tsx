import { useMutation, useQuery } from '@apollo/client/react'
import { Link, useNavigate } from 'react-router'
import { Form } from './Form'
import { graphql } from './gql'
import { RememberMe } from './RememberMe'
import { Rules } from './rules'

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
  const rules = useQuery(Rules).data?.authSettings
  const navigate = useNavigate()

  return (
    <main>
      <title>Create an account · Gatelodge</title>
      <h1>Create an account</h1>
      <Form
        button="Create account"
        fields={[
          { name: 'username', label: 'Username', type: 'text', autoComplete: 'username' },
          {
            name: 'password', label: 'Password', type: 'password', autoComplete: 'new-password',
            hint: rules && `At least ${rules.passwordMinLength} characters.`,
          },
          { name: 'confirmPassword', label: 'Confirm password', type: 'password', autoComplete: 'new-password' },
        ]}
        send={async ({ rememberMe, ...input }) => {
          const { data } = await register({ variables: { input: { ...input, rememberMe: rememberMe === 'on' } } })
          if (data?.register.user) await navigate('/', { replace: true })
          return data?.register.userErrors ?? []
        }}
      >
        <RememberMe />
      </Form>
      <p>Have an account? <Link to="/login">Log in</Link></p>
    </main>
  )
}
