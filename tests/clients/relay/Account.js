// Operations as a Relay app has them. Only the compiler reads them, and replaces each with its own code.
import { graphql } from 'relay-runtime'

// It can be fetched again: Relay uses `node(id:)` for that.
export const user = graphql`
  fragment Account_user on User @refetchable(queryName: "AccountUserRefetchQuery") {
    createdAt
  }
`

export const problem = graphql`
  fragment Account_problem on UserError {
    message
    field
  }
`

export const me = graphql`
  query AccountMeQuery {
    me { id username ...Account_user }
    session { id expiresAt }
    authSettings { passwordMinLength }
  }
`

export const register = graphql`
  mutation AccountRegisterMutation($input: RegisterInput!) {
    register(input: $input) {
      user { id username ...Account_user }
      userErrors { code message field retryAfter ...Account_problem }
    }
  }
`

export const login = graphql`
  mutation AccountLoginMutation($input: LoginInput!) {
    login(input: $input) {
      user { id username ...Account_user }
      userErrors { code message field retryAfter ...Account_problem }
    }
  }
`

export const logout = graphql`
  mutation AccountLogoutMutation {
    logout { loggedOut }
  }
`

export const revokeOthers = graphql`
  mutation AccountRevokeOthersMutation {
    revokeOtherSessions {
      user { id username ...Account_user }
      userErrors { code message ...Account_problem }
    }
  }
`
