// Sections 2.2 to 2.13: the grammar of documents.
import { group } from "./group.mjs";

export const syntax = [
  ...group("2.2 Document", {
    parse: ["", " ", "query", "x", "{ __typename } x", "{ __typename } query", "[]", "null", "{}", "query {}", "query Q", "query Q()", "query () { __typename }", "QUERY { __typename }", "mutation"],
    executed: ["{ __typename }", "query { __typename }", "query Q { __typename }", "mutation { __typename }", "mutation M { __typename }"],
  }),
  ...group("2.2 Document: type system definitions cannot be executed", {
    validation: [
      "{ __typename } type T { a: Int }", "{ __typename } extend type Query { a: Int }", "{ __typename } schema { query: Query }", "{ __typename } directive @a on FIELD",
      "{ __typename } scalar S", "{ __typename } enum E { A }", "{ __typename } union U = User", "{ __typename } input I { a: Int }", "{ __typename } interface N { a: Int }",
      '{ __typename } "d" type T { a: Int }', "{ __typename } extend schema @a", "type T { a: Int }",
    ],
    parse: ["{ __typename } type T {}", "{ __typename } type", "{ __typename } extend", "{ __typename } enum E {}", "{ __typename } extend { __typename }"],
  }),
  ...group("2.4 Operations", {
    parse: ["query { __typename } { ", "query Q R { __typename }", "query $a { __typename }", "query Q { __typename } ; query R { __typename }", 'query "Q" { __typename }'],
    executed: ["query on { __typename }", "query query { __typename }", "query true { __typename }", "query null { __typename }", "mutation mutation { __typename }"],
  }),
  ...group("2.5 Selection sets", {
    parse: ["{ me {} }", "{ me { id } ", "{ me { { id } } }", "{ { me } }", "{ me [ id ] }"],
    executed: ["{ me { id } session { id } }"],
  }),
  ...group("2.6 Fields, 2.7 Arguments, 2.8 Field alias", {
    parse: [
      "{ a: }", "{ : me { id } }", "{ a: b: me { id } }", "{ a:: me { id } }", "{ me() { id } }", "{ node(id) { id } }", "{ node(id: ) { id } }", "{ node(: 1) { id } }", "{ node(id = 1) { id } }",
      "{ node id: 1 { id } }", "{ node(id: 1 { id } }", "{ node { id } (id: 1) }", "{ node(id: 1)(id: 1) { id } }", "{ node($id: 1) { id } }", "{ me { id }: a }", '{ "a": me { id } }',
    ],
    executed: ["{ a: me { b: id } }", "{ me: session { id } }", "{ node(id: 1) { id } }"],
  }),
  ...group("2.8 Fragments (grammar)", {
    parse: [
      "fragment on on Query { __typename } { ...on }", "{ ...on }", "{ ... }", "{ ... on }", "{ ... on Query }", "fragment F { __typename } { ...F }", "fragment F on { __typename } { ...F }",
      "fragment on Query { __typename } { __typename }", "{ ...F { __typename } } fragment F on Query { __typename }", "fragment F() on Query { __typename } { ...F }",
      "fragment F on Query {} { ...F }", "fragment F on [Query] { __typename } { ...F }", "{ ... on Query! { __typename } }", "fragment F($a: Int) on Query { __typename } { ...F }",
    ],
    validation: ["{ ... F on Query { __typename } }"],
    executed: [
      "{ ...true } fragment true on Query { __typename }", "{ ...fragment } fragment fragment on Query { __typename }", "{ ... { __typename } }", "{ ... on Query { __typename } }", "{ ... { ... { ... { me { id } } } } }",
    ],
  }),
  ...group("2.10 Variables (grammar)", {
    parse: [
      "query($) { __typename }", "query(a: Int) { __typename }", "query($a) { __typename }", "query($a: ) { __typename }", "query($a Int) { __typename }", "query($a: Int =) { __typename }", "query($$a: Int) { __typename }",
      "query($a: Int = $b, $b: Int) { __typename }", "query($a: [Int] = [$b], $b: Int) { __typename }", "query($a: Int = 1 2) { __typename }", "query($1: Int) { __typename }", "{ users(first: $) { __typename } }",
      "{ users(first: $1) { __typename } }", "query($a: Int)($b: Int) { __typename }",
    ],
    executed: ["query($on: Int) { users(first: $on) { __typename } }", "query($true: Int) { users(first: $true) { __typename } }", "query($ a: Int) { users(first: $ a) { __typename } }"],
  }),
  ...group("2.11 Type references", {
    parse: [
      "query($a: [Int) { __typename }", "query($a: Int]) { __typename }", "query($a: Int!!) { __typename }", "query($a: !Int) { __typename }", "query($a: []) { __typename }", "query($a: [Int Int]) { __typename }",
      "query($a: [Int]!!) { __typename }", "query($a: $Int) { __typename }", 'query($a: "Int") { __typename }', "query($a: {Int}) { __typename }",
    ],
    validation: ["query($a: [[[Int!]!]!]!) { __typename }", "query($a: [Int]) { __typename }"],
  }),
  ...group("2.12 Directives (grammar)", {
    parse: ["{ __typename @ }", "{ __typename @() }", "{ __typename @skip() }", "{ __typename @skip(if) }", "{ @skip(if: true) }", "{ @skip(if: true) __typename }", "{ __typename @@skip(if: true) }", "{ __typename @skip(if: true }", "@skip(if: true) { __typename }"],
    executed: ["{ __typename @ skip ( if : false ) }", "{ me { id } ... @include(if: true) { session { id } } }"],
  }),
];
