// What people change of their account, and what they see of that.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  described, fill, home, login, logout, newPage, openAccount, openRows, seesAccount, seesDashboard, seesLogin, somebody,
} from './stage.js'

const says = (page, words) => page.getByRole('status').filter({ hasText: words }).waitFor()

test('a changed password keeps this browser, ends the others, and is the one to log in with', async (t) => {
  const [here, there, person] = [await newPage(t), await newPage(t), somebody()]
  await openAccount(here, person)
  await openRows(here, 'Password', 'Recent activity')
  await login(there, person)
  await seesDashboard(there, person)

  const password = 'a short swim in the sea'
  await fill(here, { currentPassword: person.password, newPassword: password, confirmNewPassword: password })
  await here.getByRole('button', { name: 'Change password' }).click()
  await says(here, 'Your password is changed, and you are logged out everywhere else.')
  for (const label of ['Current password', 'New password', 'Confirm new password']) assert.equal(await here.getByLabel(label, { exact: true }).inputValue(), '')
  await here.getByRole('listitem').filter({ hasText: 'Password changed' }).waitFor() // among what happened lately, at once
  await here.reload()
  await seesAccount(here, person)

  await there.reload()
  await seesLogin(there)
  await login(there, person)
  await there.getByText('Username and/or password incorrect').waitFor()
  await login(there, { ...person, password })
  await seesDashboard(there, person)
})

test('what is wrong with a new password is said at its field', async (t) => {
  const [page, person] = [await newPage(t), somebody()]
  await openAccount(page, person)
  await openRows(page, 'Password')
  const submit = () => page.getByRole('button', { name: 'Change password' }).click()

  await fill(page, { currentPassword: 'another one', newPassword: 'a short swim in the sea', confirmNewPassword: 'a short swim in the sea' })
  await submit()
  await page.locator('[aria-invalid="true"]').waitFor()
  const current = await described(page, 'Current password')
  assert.deepEqual([current.wrong, current.focused], ['true', true])

  // All mistakes at once, and without a question to the gateway.
  await fill(page, { currentPassword: '', newPassword: 'short', confirmNewPassword: 'shorter' })
  await submit()
  await page.getByText('Use at least 8 characters.').waitFor()
  assert.deepEqual(await described(page, 'Current password'), { note: 'Enter your current password.', wrong: 'true', focused: true })
  assert.deepEqual(await described(page, 'New password'), { note: 'Use at least 8 characters.', wrong: 'true', focused: false })
  assert.deepEqual(await described(page, 'Confirm new password'), { note: 'The passwords don’t match.', wrong: 'true', focused: false })

  // A mistake that only the gateway sees.
  await fill(page, { currentPassword: person.password, newPassword: person.username, confirmNewPassword: person.username })
  await submit()
  await page.waitForFunction(() => document.activeElement.name === 'newPassword')
  assert.equal((await described(page, 'New password')).wrong, 'true')
})

test('a changed username is shown at once, and is the one to log in with', async (t) => {
  const [page, person, { username }] = [await newPage(t), somebody(), somebody()]
  await openAccount(page, person)
  await openRows(page, 'Username')
  await fill(page, { newUsername: username })
  await page.getByRole('button', { name: 'Change username' }).click()
  await says(page, 'Your username is changed.')
  await seesAccount(page, { username })
  await page.getByRole('link', { name: 'Gatelodge' }).click()
  await seesDashboard(page, { username })
  await logout(page)
  await login(page, { ...person, username })
  await seesDashboard(page, { username })
})

test("somebody else's username is refused at the field", async (t) => {
  const [taken, page] = [somebody(), await newPage(t)]
  await openAccount(await newPage(t), taken)
  await openAccount(page, somebody())
  await openRows(page, 'Username')
  await fill(page, { newUsername: taken.username })
  await page.getByRole('button', { name: 'Change username' }).click()
  await page.getByText('Username already taken').waitFor()
  assert.deepEqual(await described(page, 'New username'), { note: 'Username already taken', wrong: 'true', focused: true })
})

test('what happened to the account is said in words, also what others tried', async (t) => {
  const [page, stranger, person] = [await newPage(t), await newPage(t), somebody()]
  await openAccount(page, person)
  await login(stranger, { ...person, password: 'a lucky guess' })
  await stranger.getByText('Username and/or password incorrect').waitFor()
  await page.reload()
  await openRows(page, 'Recent activity')
  const events = page.getByRole('listitem')
  await events.nth(1).waitFor()
  const [refused, registered, ...more] = await events.allInnerTexts()
  assert.match(refused, /^Login with a wrong password refused\n+127\.0\.0\.1 · .*\d{4}/)
  assert.match(registered, /^Account created\n+127\.0\.0\.1 · .*\d{4}/)
  assert.deepEqual(more, [])
})

test('an account is deleted after a question, by the password, and not by a wrong one or a second thought', async (t) => {
  const [page, person] = [await newPage(t), somebody()]
  await openAccount(page, person)
  await openRows(page, 'Delete account')
  const button = page.getByRole('button', { name: 'Delete account' })
  const dialog = page.getByRole('dialog', { name: 'Delete your account?' })

  for (const away of [() => page.keyboard.press('Escape'), () => dialog.getByRole('button', { name: 'Cancel' }).click()]) {
    await button.click()
    await dialog.waitFor()
    assert.ok(await page.getByLabel('Your password', { exact: true }).evaluate((it) => it === document.activeElement))
    await away()
    await dialog.waitFor({ state: 'detached' })
    assert.ok(await button.evaluate((it) => it === document.activeElement))
  }

  await button.click()
  await fill(page, { yourPassword: 'another one' })
  await page.getByRole('button', { name: 'Delete permanently' }).click()
  await page.locator('[aria-invalid="true"]').waitFor()
  await fill(page, { yourPassword: person.password })
  await page.getByRole('button', { name: 'Delete permanently' }).click()
  await seesLogin(page)
  await page.goto(home)
  await seesLogin(page)
  await login(page, person)
  await page.getByText('Username and/or password incorrect').waitFor()
})
