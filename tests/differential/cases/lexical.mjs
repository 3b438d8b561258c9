// Section 2.1: source text, ignored characters and tokens.
import { group } from "./group.mjs";

export const lexical = [
  ...group("2.1.1 Source characters", {
    parse: [
      "{ __typename \u0000 }", "{ __typename \u0007 }", "{ __typename \u007f }", "{ \u00a0 __typename }", "{ \u2028 __typename }", "{ \v __typename }",
      "{ \f __typename }", "{ \u200b __typename }", "{ é }", "{ \u{1F600} }", "{ % }", "{ ? }", "{ ` }", "{ __typename };", "{ a-b }", "{ me { id' } }",
    ],
    executed: ["{ __typename } # \u0007", "{ __typename # \u0000\n}", "{ __typename # \u{1F600} é \u2028 }\n}"],
  }),
  ...group("2.1.2 White space, 2.1.3 Line terminators", {
    executed: ["\t{\t__typename\t}\t", "\r\n{\r__typename\n\r}\n", "  {  __typename  }  "],
  }),
  ...group("2.1.4 Comments", {
    parse: ["# only a comment", "{ # __typename }", "{ __typename # }\r"],
    executed: ["#\n{ __typename }", "{ __typename }#", "{ __typename #\r}", "#a\n#b\n{#c\n__typename#d\n}#e", '{ # """\n__typename }'],
  }),
  ...group("2.1.5 Insignificant commas", {
    parse: [",", ",,,", "{,}"],
    executed: [
      ",{__typename}", "{,__typename,}", "{__typename},,", "query,Q,{__typename}", "{a,:,__typename}", "{...,on,Query{__typename}}", "{...,@skip(if:false){__typename}}",
      "{...,F},fragment,F,on,Query{__typename}", "query($a,:,Int,=,1,){users(first:,$a){__typename}}", "{__typename@,skip(,if,:,false,)}",
      "{node(id:1,){id}me{sessions(,first:1,){__typename}}}", "query($a:,ID,!,=,1,){node(id:$a){id}}",
      'mutation{login(input:{,username:"",,password:"x",}){userErrors{code}}}',
    ],
  }),
  ...group("2.1.7 Ignored tokens: the byte order mark", {
    executed: ["\uFEFF{ __typename }", "{\uFEFF__typename }", "{ __typename }\uFEFF", '{ __type(name: "\uFEFF") { name } }'],
    parse: ["\uFEFF", "\uFEFF#"],
  }),
  ...group("2.1.6 Lexical tokens: longest match", {
    parse: ["{ ..F }", "{ .... on Query { __typename } }", "{ . }", "{ users(first: 1..2) { __typename } }", "{ ...", "{ .. . on Query { __typename } }"],
    executed: ["{...on Query{__typename}}", "{__typename...on Query{a:__typename}}", '{__type(name:"Query"){name}}', "{a:__typename@skip(if:false)b:__typename}"],
  }),
  ...group("2.1.8 Punctuators", {
    parse: ["{ __typename } &", "| { __typename }", "query Q & R { __typename }", "{ ! __typename }", "{ [ __typename ] }", "{ $a }", "{ = }", "{ __typename } }", "{ __typename", "}", "{ ( ) }"],
  }),
  ...group("2.1.9 Names", {
    parse: ["{ 1a: __typename }", "{ a.b }", "{ a b: }", "{ $ a }"],
    executed: ["{ _: __typename }", "{ __: __typename }", "{ _1: __typename Z9: __typename }", "{ on: __typename null: __typename true: __typename }", "{ query: __typename fragment: __typename }"],
    validation: ["{ __nope }", "{ ME { id } }", "{ Me { id } }"],
  }),
];
