// The same user, for each kind of fragment.
import { graphql } from 'relay-runtime'

export const query = graphql`
  query ShownQuery {
    me { username ...Shown_user ...ShownRefetchable_user ...ShownPages_user }
  }
`

export const plain = graphql`
  fragment Shown_user on User { username }
`

export const refetchable = graphql`
  fragment ShownRefetchable_user on User @refetchable(queryName: "ShownRefetchQuery") { username }
`

export const pages = graphql`
  fragment ShownPages_user on User
  @argumentDefinitions(first: { type: "Int", defaultValue: 5 }, after: { type: "String" })
  @refetchable(queryName: "ShownPagesQuery") {
    username
    sessions(first: $first, after: $after) @connection(key: "Shown_sessions") { edges { node { id } } }
  }
`
