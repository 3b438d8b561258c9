// The operations that the tests send, as docs/frontend.md has them.

export const Me = `query Me {
  me { id username }
}`

export const Register = `mutation Register($input: RegisterInput!) {
  register(input: $input) {
    user { id username }
    userErrors { code message field retryAfter }
  }
}`

export const Login = `mutation Login($input: LoginInput!) {
  login(input: $input) {
    user { id username }
    userErrors { code message field retryAfter }
  }
}`

export const Logout = `mutation Logout {
  logout { loggedOut }
}`

export const RevokeOthers = `mutation RevokeOthers {
  revokeOtherSessions {
    user { id username }
    userErrors { code message }
  }
}`
