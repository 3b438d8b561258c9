import { useMutation } from '@apollo/client/react'
import { Form } from '../Form'
import { graphql } from '../gql'
import { useProof } from './Proof'
import { Row } from './Row'

const Change = graphql(`
  mutation ChangeUsername($input: ChangeUsernameInput!) {
    changeUsername(input: $input) {
      user { ...Account }
      userErrors { code message field retryAfter }
    }
  }
`)

export function ChangeUsername({ username }: { username: string }) {
  const [change] = useMutation(Change)
  const prove = useProof()

  return (
    <Row title="Username" summary={username}>
      <Form
        button="Change username"
        done="Your username is changed."
        fields={[{ name: 'username', label: 'New username', type: 'text', autoComplete: 'username', missing: 'Choose a username.' }]}
        send={(input) => prove(async () => (await change({ variables: { input } })).data?.changeUsername.userErrors ?? [])}
      />
    </Row>
  )
}
