// The code in docs/frontend.md is the code that the tests here run.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const here = import.meta.dirname
const guide = readFileSync(join(here, '../../docs/frontend.md'), 'utf8')
const blocks = [...guide.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, code]) => ({ language, code }))
const files = readdirSync(here).filter((name) => /\.(jsx?|py)$/.test(name) && !name.includes('.test.'))

test('each block of code in the guide stands in a file here', () => {
  const found = blocks.map(({ code }) => files.find((name) => readFileSync(join(here, name), 'utf8').endsWith(code)))
  assert.deepEqual(found, ['apollo.js', 'page.jsx', 'urql.js', 'graphql-request.js', 'relay.js', 'client.py', 'web-server.js'])
})
