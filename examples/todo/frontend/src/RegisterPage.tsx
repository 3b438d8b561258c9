import { useMutation, useQuery } from '@apollo/client/react'
import { Link, useNavigate } from 'react-router'
import { Form } from './Form'
import { client } from './gateway'
import { graphql } from './gql'

const Rules = graphql(`
  query Rules {
    authSettings { passwordMinLength }
  }
`)

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
        send={async (input) => {
          const { data } = await register({ variables: { input } })
          if (data?.register.user) {
            await client.clearStore() // what is cached belongs to whoever was here before
            await navigate('/', { replace: true })
          }
          return data?.register.userErrors ?? []
        }}
      />
      <p>Have an account? <Link to="/login">Log in</Link></p>
    </main>
  )
}
