// Integers of any length in requests and responses. JSON.parse and JSON.stringify would lose their last digits.
import { GraphQLError, GraphQLScalarType, Kind } from 'graphql'
import { parse, stringify } from 'lossless-json'

const MAX_DIGITS = 40
const isInteger = (text) => /^-?\d+$/.test(text) && text.length <= MAX_DIGITS

const parseNumber = (text) => (isInteger(text) && !Number.isSafeInteger(Number(text)) ? BigInt(text) : Number(text))

function toBigInt(text) {
  if (isInteger(text)) return BigInt(text)
  throw new GraphQLError(`BigInt is an integer of up to ${MAX_DIGITS} digits`)
}

/** The scalar `BigInt`: a number without quotes, in JSON and in documents. */
export const BigIntScalar = new GraphQLScalarType({
  name: 'BigInt',
  serialize: (value) => value,
  parseValue: (value) => toBigInt(typeof value === 'bigint' || typeof value === 'number' ? String(value) : ''),
  parseLiteral: ({ kind, value }) => toBigInt(kind === Kind.INT ? value : ''),
})

/** A plugin of Yoga that reads and writes JSON without changing a number. */
export const exactNumbers = {
  onRequestParse({ request, setRequestParser }) {
    if (request.headers.get('content-type')?.startsWith('application/json')) setRequestParser(readBody)
  },
  onExecute: () => ({ onExecuteDone: ({ result, setResult }) => setResult({ ...result, stringify }) }),
}

async function readBody(request) {
  const text = await request.text()
  try {
    return parse(text, null, { parseNumber })
  } catch {
    throw new GraphQLError('The body is not valid JSON', { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } })
  }
}
