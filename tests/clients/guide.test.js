// The code in docs/frontend.md is the code that runs: here, in the example, and in the recipe for Next.js.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../..')
const read = (path) => readFileSync(join(root, path), 'utf8')
const blocks = [...read('docs/frontend.md').matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, code]) => ({ language, code }))
const here = readdirSync(import.meta.dirname).filter((name) => /\.(jsx?|py)$/.test(name) && !name.includes('.test.')).map((name) => `tests/clients/${name}`)
const next = ['gateway.ts', 'page.tsx', 'actions.ts', 'login/page.tsx'].map((name) => `examples/next/app/${name}`)
const files = [...here, 'examples/todo/frontend/codegen.ts', 'examples/todo/frontend/src/LoginPage.tsx', ...next]

test('each block of code in the guide stands in a file that is run', () => {
  const found = blocks.filter(({ language }) => language !== 'sh').map(({ code }) => files.find((path) => read(path).includes(code)))
  assert.deepEqual(found, [
    ...['apollo.js', 'page.jsx', 'urql.js', 'graphql-request.js', 'relay.js', 'client.py'].map((name) => `tests/clients/${name}`),
    'examples/todo/frontend/codegen.ts', 'examples/todo/frontend/src/LoginPage.tsx',
    'tests/clients/web-server.js',
    'examples/next/app/gateway.ts', 'examples/next/app/page.tsx', 'examples/next/app/actions.ts', 'examples/next/app/login/page.tsx',
  ])
})

test('each block of code in the page about subscriptions stands in a file that is run', () => {
  const page = [...read('docs/subscriptions.md').matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code)
  const files = ['tests/clients/subscriptions.js', 'examples/todo/tasks/server.js']
  assert.deepEqual(page.map((code) => files.find((path) => read(path).includes(code))), [...Array(5).fill(files[0]), files[1]])
})
