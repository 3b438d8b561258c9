// What the gateway asks of new passwords, for the hints of forms.
import { graphql } from './gql'

export const Rules = graphql(`
  query Rules {
    authSettings { passwordMinLength }
  }
`)
