// The gateway's rules for new passwords, for hints and for checks in the page.
import { useQuery } from '@apollo/client/react'
import { graphql } from './gql'

const Rules = graphql(`
  query Rules {
    authSettings { passwordMinLength passwordMaxLength }
  }
`)

/** Returns the hint for a new password and the check of its length. Both do nothing until the rules are loaded. */
export function useNewPassword() {
  const rules = useQuery(Rules).data?.authSettings
  return {
    hint: rules && `At least ${rules.passwordMinLength} characters`,
    check(password: string) {
      const length = [...password].length // in characters, as the gateway counts
      if (rules && length < rules.passwordMinLength) return `Use at least ${rules.passwordMinLength} characters.`
      if (rules && length > rules.passwordMaxLength) return `Use at most ${rules.passwordMaxLength} characters.`
      return undefined
    },
  }
}

/** Checks that the repeated password is the same. */
export const checkSame = (again: string, password: string | undefined) => (again === password ? undefined : 'The passwords don’t match.')
