import { useMutation } from '@apollo/client/react'
import { useState } from 'react'
import { Dialog } from '../Dialog'
import { Form } from '../Form'
import { graphql } from '../gql'
import { useProof } from './Proof'
import { Row } from './Row'

const Delete = graphql(`
  mutation DeleteUser($input: DeleteUserInput!) {
    deleteUser(input: $input) {
      deletedUserId
      userErrors { code message field retryAfter }
    }
  }
`)

export function DeleteAccount() {
  const [remove] = useMutation(Delete)
  const [isAsked, setAsked] = useState(false)
  const prove = useProof()

  return (
    <Row title="Delete account">
      <p>This deletes your account and everything in it, permanently.</p>
      <button className="danger" onClick={() => setAsked(true)}>Delete account</button>
      {isAsked && (
        <Dialog title="Delete your account?" onClose={() => setAsked(false)}>
          <p>This cannot be undone. Enter your password to continue.</p>
          <Form
            button="Delete permanently"
            isDangerous
            fields={[{ name: 'currentPassword', label: 'Your password', type: 'password', autoComplete: 'current-password', missing: 'Enter your password.' }]}
            send={(input) =>
              prove(async () => (await remove({ variables: { input } })).data?.deleteUser.userErrors ?? [], input.currentPassword)}
          />
        </Dialog>
      )}
    </Row>
  )
}
