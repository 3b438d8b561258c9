// People whom a real Django registered by its form, and who moved in while the gateway runs.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { commandLine, login, newPage, seesDashboard } from './stage.js'

const folder = '../../../tests/moving-in'
const people = JSON.parse(readFileSync(`${folder}/people.json`, 'utf8'))

test('whom Django registered logs in with the password that they had there, and with no other', async (t) => {
  const report = commandLine('user', 'import', '--from', 'django', process.env.GATELODGE_PEOPLE ?? `${folder}/django.json`)
  assert.ok(report.includes(` ${people.length} imported `), report)
  const registered = people.filter(({ registers }) => registers)
  assert.notEqual(registered.length, 0)

  for (const { username, password } of registered) {
    await t.test(username, async (t) => {
      const page = await newPage(t)
      await login(page, { username, password: 'not their password' })
      await page.getByRole('alert').filter({ hasText: 'Username and/or password incorrect' }).waitFor()
      await login(page, { username, password })
      await seesDashboard(page, { username })
      await page.reload()
      await seesDashboard(page, { username })
    })
  }
})
