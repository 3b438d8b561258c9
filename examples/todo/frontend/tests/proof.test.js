// A person whose password was given too long ago, which is a moment here, is asked for it; then what they wanted goes on.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  accessibilityProblems, fill, login, newPage, openAccount, openRows, seesAccount, seesDashboard, seesLogin, somebody,
} from './stage.js?GATELODGE_REAUTHENTICATE_AFTER=1s'

const aMoment = () => sleep(1_100) // by the gateway's own clock
const question = (page) => page.getByRole('dialog', { name: 'Is it still you?' })

/** Somebody who wants another name, and is asked for the password. */
async function isAsked(t, options) {
  const [page, person, { username }] = [await newPage(t, options), somebody(), somebody()]
  await openAccount(page, person)
  await aMoment()
  await openRows(page, 'Username', 'Recent activity')
  await fill(page, { newUsername: username })
  await page.getByRole('button', { name: 'Change username' }).click()
  await question(page).waitFor()
  return { page, person, username, password: question(page).getByLabel('Password', { exact: true }), go: question(page).getByRole('button', { name: 'Continue' }) }
}

test('the password is asked for, and then the username is changed', async (t) => {
  const { page, person, username, password, go } = await isAsked(t)
  assert.ok(await password.evaluate((it) => it === document.activeElement))
  await password.fill('another one')
  await go.click()
  await page.locator('dialog [aria-invalid="true"], dialog [role="alert"]').first().waitFor()
  await password.fill(person.password)
  await go.click()
  await question(page).waitFor({ state: 'detached' })
  await seesAccount(page, { username })
  await page.getByRole('listitem').filter({ hasText: 'Password confirmed' }).waitFor()
})

test('who does not give it has changed nothing, and is told so', async (t) => {
  const { page, person } = await isAsked(t)
  await page.keyboard.press('Escape')
  await question(page).waitFor({ state: 'detached' })
  await page.getByText('Nothing was changed.').waitFor()
  await page.reload()
  await seesAccount(page, person)
})

test('another browser is logged out after it', async (t) => {
  const [here, there, person] = [await newPage(t), await newPage(t), somebody()]
  await openAccount(here, person)
  await login(there, person)
  await seesDashboard(there, person)
  await here.reload()
  await openRows(here, 'Devices')
  await aMoment()
  await here.getByRole('button', { name: 'Log out everywhere else' }).click()
  await question(here).getByLabel('Password', { exact: true }).fill(person.password)
  await question(here).getByRole('button', { name: 'Continue' }).click()
  await here.getByRole('button', { name: 'Log out everywhere else' }).waitFor({ state: 'detached' })
  await there.reload()
  await seesLogin(there)
})

test('an account is deleted by one password, not two', async (t) => {
  const [page, person] = [await newPage(t), somebody()]
  await openAccount(page, person)
  await openRows(page, 'Delete account')
  await aMoment()
  await page.getByRole('button', { name: 'Delete account' }).click()
  await fill(page, { yourPassword: person.password })
  await page.getByRole('button', { name: 'Delete permanently' }).click()
  await seesLogin(page)
})

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing to mend on the question, ${colorScheme}`, async (t) => {
    const { page } = await isAsked(t, { colorScheme })
    assert.deepEqual(await accessibilityProblems(page), [])
  })
}

test('a small phone shows the question without sideways scrolling', async (t) => {
  const { page } = await isAsked(t, { viewport: { width: 320, height: 568 } })
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320)
})
