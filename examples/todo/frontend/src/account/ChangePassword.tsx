import { useMutation } from '@apollo/client/react'
import { Form } from '../Form'
import { graphql } from '../gql'
import { checkSame, useNewPassword } from '../rules'
import { Row } from './Row'

const Change = graphql(`
  mutation ChangePassword($input: ChangePasswordInput!) {
    changePassword(input: $input) {
      user { ...Account }
      userErrors { code message field retryAfter }
    }
  }
`)

export function ChangePassword({ username }: { username: string }) {
  const [change] = useMutation(Change)
  const newPassword = useNewPassword()

  return (
    <Row title="Password">
      <Form
        button="Change password"
        done="Your password is changed, and you are logged out everywhere else."
        fields={[
          {
            name: 'currentPassword', label: 'Current password', type: 'password', autoComplete: 'current-password',
            missing: 'Enter your current password.',
          },
          {
            name: 'newPassword', label: 'New password', type: 'password', autoComplete: 'new-password', ...newPassword,
            missing: 'Choose a new password.',
          },
          {
            name: 'confirmPassword', label: 'Confirm new password', type: 'password', autoComplete: 'new-password',
            missing: 'Type the new password again.', check: (again, values) => checkSame(again, values.newPassword),
          },
        ]}
        send={async (input) => (await change({ variables: { input } })).data?.changePassword.userErrors ?? []}
      >
        {/* Not sent: says to password managers whose password it is. */}
        <input hidden readOnly autoComplete="username" value={username} />
      </Form>
    </Row>
  )
}
