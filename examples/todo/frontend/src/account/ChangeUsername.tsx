import { useMutation } from '@apollo/client/react'
import { Form } from '../Form'
import { graphql } from '../gql'
import { useProof } from './Proof'

const Change = graphql(`
  mutation ChangeUsername($input: ChangeUsernameInput!) {
    changeUsername(input: $input) {
      user { ...Account }
      userErrors { code message field retryAfter }
    }
  }
`)

export function ChangeUsername() {
  const [change] = useMutation(Change)
  const prove = useProof()

  return (
    <section>
      <h2>Username</h2>
      <Form
        button="Change username"
        done="Your username is changed."
        isMain={false}
        fields={[{ name: 'username', label: 'New username', type: 'text', autoComplete: 'username' }]}
        send={(input) => prove(async () => (await change({ variables: { input } })).data?.changeUsername.userErrors ?? [])}
      />
    </section>
  )
}
