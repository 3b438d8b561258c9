// The code in docs/identity-tokens.md, and in the part on Django of docs/import-and-export.md, is the code that runs.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../..')
const read = (path) => readFileSync(join(root, path), 'utf8')
const blocks = (text) => [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, code]) => ({ language, code }))

test('each recipe of the guide stands in a file that is run', () => {
  const files = ['express/server.js', 'yoga/server.js', 'apollo/server.js', 'fastapi/service.py', 'django/gatelodge_identity/middleware.py', 'axum/src/identity.rs']
  const recipes = read('docs/identity-tokens.md').split('## Recipes')[1].split('## Settings')[0]
  const code = blocks(recipes).filter(({ code }) => !code.startsWith('INSTALLED_APPS'))
  const found = code.map(({ code }) => files.find((path) => read(`examples/services/${path}`).includes(code)))
  assert.deepEqual(found, files)
})

test('the settings of the old Django service stand in its settings', () => {
  const part = read('docs/import-and-export.md').split('## 6. ')[1].split('## 7. ')[0]
  const [settings] = blocks(part)
  assert.ok(read('tests/services/django/settings.py').includes(settings.code))
})
