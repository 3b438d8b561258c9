// Section 2.9: how values are written.
import { group, raw } from "./group.mjs";

const first = (value) => `{ users(first: ${value}) { __typename } }`;
const search = (value) => `{ __type(name: ${value}) { name } }`;

export const literals = [
  ...group("2.9.1 Int value", {
    parse: ["00", "007", "-01", "-", "+1", "0x1", "1a", "1_000", "1é", "- 1", "--1"].map(first),
    executed: ["0", "-0", "1", "-1", "2147483647", "-2147483648"].map((value) => ({ query: first(value), caller: "admin" })),
    validation: ["2147483648", "-2147483649", "99999999999999999999999999"].map(first),
  }),
  ...group("2.9.2 Float value", {
    parse: [".5", "1.", "1.e3", "1e", "1e+", "1.0e", "1.0.0", "1.0a", "1e1a", "01.0", "1.a", "1.0_"].map(first),
    validation: ["1.0", "0.0", "-0.0", "1e0", "1E0", "1e+1", "10e-1", "1e1000"].map(first),
  }),
  ...group("2.9.3 Boolean value, 2.9.5 Null value, 2.9.6 Enum value", {
    executed: ["{ __typename @skip(if: true) }", "{ __typename @skip(if: false) }", { query: first("null"), caller: "admin" }],
    validation: [
      "{ __typename @skip(if: TRUE) }", "{ __typename @skip(if: True) }", "{ __typename @skip(if: null) }", '{ __typename @skip(if: "true") }', "{ __typename @skip(if: 1) }",
      search("ENUM"), search("null"), search("true"), first("ENUM"), first("true"), first("NULL"),
    ],
  }),
  ...group("2.9.4 String value", {
    parse: [
      '"', '"a', '"a\nb"', '"a\rb"', "'a'", raw`"\x41"`, raw`"\U0041"`, raw`"\'"`, raw`"\0"`, raw`"\ "`, raw`"\"`, raw`"\u00"`, raw`"\u004"`, raw`"\u00g1"`,
      raw`"\u{}"`, raw`"\u{g}"`, raw`"\u{41"`, raw`"\u{110000}"`, raw`"\u{FFFFFFFF}"`, raw`"\u{D800}"`, raw`"\u{DFFF}"`, raw`"\ud83d"`, raw`"\ude00"`, raw`"\ude00\ud83d"`, raw`"\ud83d\ud83d"`,
      raw`"\ud83dx"`, raw`"\ud83d\u0041"`, raw`"\ud83d\u{de00}"`, raw`"\u{ 41}"`, raw`"\u{-1}"`,
    ].map(search),
    executed: [
      '""', '"User"', '"\t"', '"\u0000"', '"\u0007"', '"\u007f"', '"\u2028"', '"\u{1F600}"', '"#"', '"{}()"', raw`"\u0055ser"`, raw`"\u{55}ser"`, raw`"\u{00000055}ser"`, raw`"\u{1F600}"`, raw`"\u{10FFFF}"`, raw`"\u{0}"`,
      raw`"\ud83d\ude00"`, raw`"\uD83D\uDE00"`, raw`"\uFFFF"`, raw`"\"\\\/\b\f\n\r\t"`,
    ].map(search),
  }),
  ...group("2.9.4 Block strings", {
    parse: ['"""', '"""a', '"""a""', '""""', '"""""', raw`"""\"""`, '"""""""'].map(search),
    executed: [
      '""""""', '"""\u0000"""', '"""\u0007"""', '"""User"""', '"""\nUser\n"""', '"""\r\n  User\r\n"""', '"""\n\n    User\n\n"""', '"""\t\n\tUser\n\t"""', '"""User\n  """', '"""  User"""', '"""\n  User\n Query"""', '"""\u{1F600}"""',
      raw`"""\u0055ser"""`, raw`"""\n"""`, raw`"""\""" """`, raw`"""a\"""b"""`, '"""a"b""c"""', '"""a\rb"""',
    ].map(search),
  }),
  ...group("2.9.7 List value, 2.9.8 Input object value", {
    parse: ["[", "]", "[1", "[1}", "[:]", "{a}", "{a:}", "{:1}", "{1:1}", '{"a":1}', "{a:1", "{a 1}", "{$a:1}", "{a::1}"].map(first),
    validation: ["[]", "[1]", "[[1]]", "{}", "{a:1}", "{a:{b:[]}}"].map(first),
  }),
];
