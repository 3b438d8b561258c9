import { useMutation, useQuery } from '@apollo/client/react'
import { Form } from '../Form'
import { graphql } from '../gql'
import { Rules } from '../rules'

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
  const rules = useQuery(Rules).data?.authSettings

  return (
    <section>
      <h2>Password</h2>
      <Form
        button="Change password"
        done="Your password is changed, and you are logged out everywhere else."
        isMain={false}
        fields={[
          { name: 'currentPassword', label: 'Current password', type: 'password', autoComplete: 'current-password' },
          {
            name: 'newPassword', label: 'New password', type: 'password', autoComplete: 'new-password',
            hint: rules && `At least ${rules.passwordMinLength} characters.`,
          },
          { name: 'confirmPassword', label: 'Confirm new password', type: 'password', autoComplete: 'new-password' },
        ]}
        send={async (input) => (await change({ variables: { input } })).data?.changePassword.userErrors ?? []}
      >
        {/* Not sent: tells password managers whose password it is. */}
        <input hidden readOnly autoComplete="username" value={username} />
      </Form>
    </section>
  )
}
