// Section 5.7: directives. Section 3.13: @skip and @include.
import { group } from "./group.mjs";

export const directives = [
  ...group("5.7.1 Directives are defined", {
    validation: ["{ __typename @nope }", "{ __typename @Skip(if: true) }", "query @nope { __typename }", "{ ... @nope { __typename } }", "{ ...F @nope } fragment F on Query { __typename }", "query($a: Int @nope) { users(first: $a) { __typename } }", "{ __typename @nope(if: $x) }"],
  }),
  ...group("5.7.2 Directives are in valid locations", {
    validation: [
      "query @skip(if: true) { __typename }", "mutation @include(if: true) { __typename }", "fragment F on Query @skip(if: true) { __typename } { ...F }", "query($a: Int @skip(if: true)) { users(first: $a) { __typename } }",
      "{ __typename @deprecated }", "{ __typename @deprecated(reason: \"a\") }", "{ __typename @specifiedBy(url: \"a\") }", "query @deprecated { __typename }", "{ ... @specifiedBy(url: \"a\") { __typename } }", "query Q @include(if: false) { __typename }",
    ],
    executed: ["{ __typename @skip(if: false) }", "{ ... @skip(if: false) { __typename } }", "{ ...F @skip(if: false) } fragment F on Query { __typename }", "{ ... on Query @include(if: true) { __typename } }"],
  }),
  ...group("5.7.3 Directives are unique per location", {
    validation: ["{ __typename @skip(if: true) @skip(if: true) }", "{ __typename @include(if: true) @skip(if: false) @include(if: true) }", "{ ... @skip(if: false) @skip(if: false) { __typename } }", "{ ...F @include(if: true) @include(if: true) } fragment F on Query { __typename }"],
    executed: ["{ __typename @skip(if: false) @include(if: true) }", "{ __typename @skip(if: false) ... @skip(if: false) { a: __typename } }"],
  }),
  ...group("3.13.1 @skip, 3.13.2 @include", {
    executed: [
      "{ __typename @skip(if: true) }", "{ __typename @include(if: false) }", "{ __typename @skip(if: true) @include(if: true) }", "{ __typename @skip(if: false) @include(if: false) }", "{ me @skip(if: true) { id } session { id } }",
      "{ me { id @skip(if: true) username } }", "{ me { id @skip(if: true) id } }", "{ ...F @skip(if: true) __typename } fragment F on Query { me { id } }", "{ ... @include(if: false) { me { id } } a: __typename }", "{ me { ... on Node @skip(if: true) { id } username } }",
      { query: "query($a: Boolean!) { me @skip(if: $a) { id } session @include(if: $a) { id } }", variables: '{"a":true}' },
      { query: "query($a: Boolean!) { me @skip(if: $a) { id } session @include(if: $a) { id } }", variables: '{"a":false}' },
      { query: "query($a: Boolean = true) { me @skip(if: $a) { id } }" }, { query: "query($a: Boolean = true) { me @skip(if: $a) { id } }", variables: '{"a":false}' },
      "{ me @include(if: false) { sessions(first: 1) { nodes { id } } } }", "{ ...F ...F @skip(if: true) } fragment F on Query { __typename }", "{ ...F @skip(if: true) ...F } fragment F on Query { __typename }",
    ],
    validation: ["{ nope @skip(if: true) }", "{ me @include(if: false) { nope } }", "{ node @skip(if: true) { id } }", "query($a: Boolean) { me @skip(if: $a) { id } }", "{ me @skip(if: $a) { id } }"],
  }),
];
