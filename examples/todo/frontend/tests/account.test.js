// A person's way in and out.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { described, fill, home, homeAt, login, logout, newPage, register, seesDashboard, seesLogin, somebody } from './stage.js'

test('registering leads to the dashboard, which greets the new person by name', async (t) => {
  const page = await newPage(t)
  await register(page, somebody())
})

test('a reload keeps the session', async (t) => {
  const [page, person] = [await newPage(t), somebody()]
  await register(page, person)
  await page.reload()
  await seesDashboard(page, person)
})

test('logging out leads to the login page, and the way back to the dashboard is shut', async (t) => {
  const page = await newPage(t)
  await register(page, somebody())
  await logout(page)
  await page.goto(home)
  await seesLogin(page)
})

test('logging in leads to the dashboard', async (t) => {
  const [page, person] = [await newPage(t), somebody()]
  await register(page, person)
  await logout(page)
  await login(page, person)
  await seesDashboard(page, person)
})

test('a visitor who is not logged in is sent to the login page', async (t) => {
  const page = await newPage(t)
  for (const path of ['/', '/no-such-page']) {
    await page.goto(home + path)
    await seesLogin(page)
  }
})

// Nobody types addresses: these two stay in one document, with what the page has remembered of nobody being logged in.
test('a visitor who was sent to the login page and logs in there gets to the dashboard', async (t) => {
  const person = somebody()
  await register(await newPage(t), person)
  const page = await newPage(t)
  await page.goto(home)
  await seesLogin(page)
  await fill(page, person)
  await page.getByRole('button', { name: 'Log in' }).click()
  await seesDashboard(page, person)
})

test('a visitor who follows the link to register gets to the dashboard', async (t) => {
  const [page, person] = [await newPage(t), somebody()]
  await page.goto(home)
  await seesLogin(page)
  await page.getByRole('link', { name: 'Create an account' }).click()
  await fill(page, { ...person, confirmPassword: person.password })
  await page.getByRole('button', { name: 'Create account' }).click()
  await seesDashboard(page, person)
})

test('a wrong password shows the message at the form, gives it the focus and keeps what was typed', async (t) => {
  const person = somebody()
  await register(await newPage(t), person)
  const page = await newPage(t)
  await login(page, { ...person, password: 'not the right one' })
  const message = page.getByRole('alert').filter({ hasText: 'Username and/or password incorrect' })
  await message.waitFor()
  assert.ok(await message.evaluate((it) => it === document.activeElement))
  assert.equal(await page.getByLabel('Username').inputValue(), person.username)
  assert.equal(await page.getByLabel('Password', { exact: true }).inputValue(), 'not the right one')
  await page.goto(home)
  await seesLogin(page)
})

test('passwords that do not match are said at the confirmation', async (t) => {
  const page = await newPage(t)
  await page.goto(`${home}/register`)
  await fill(page, { ...somebody(), confirmPassword: 'something else' })
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByText('The passwords don’t match.').waitFor()
  assert.deepEqual(await described(page, 'Confirm password'), { note: 'The passwords don’t match.', wrong: 'true', focused: true })
  assert.equal((await described(page, 'Username')).wrong, 'false')
})

test('a taken name is said at the username', async (t) => {
  const person = somebody()
  await register(await newPage(t), person)
  const page = await newPage(t)
  await page.goto(`${home}/register`)
  await fill(page, { username: person.username.toUpperCase(), password: 'a secret of my own', confirmPassword: 'a secret of my own' })
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByText('Username already taken').waitFor()
  assert.deepEqual(await described(page, 'Username'), { note: 'Username already taken', wrong: 'true', focused: true })
})

test('two browsers are two people', async (t) => {
  const [first, second] = [await newPage(t), await newPage(t)]
  const [ada, bob] = [somebody(), somebody()]
  await register(first, ada)
  await register(second, bob)
  await first.reload()
  await seesDashboard(first, ada)
  await logout(first)
  await second.reload()
  await seesDashboard(second, bob)
})

test('the next person at the same browser sees nothing of the one before', async (t) => {
  const [page, ada, bob] = [await newPage(t), somebody(), somebody()]
  await register(await newPage(t), bob)
  await register(page, ada)
  await page.evaluate(() => { window.sameDocument = true })
  await logout(page)
  await fill(page, bob)
  await page.getByRole('button', { name: 'Log in' }).click()
  await seesDashboard(page, bob)
  assert.ok(await page.evaluate(() => window.sameDocument), 'the page was loaded anew, so that this test says nothing of its cache')
})

test('no script can read the session cookie', async (t) => {
  const page = await newPage(t)
  await register(page, somebody())
  const [session] = (await page.context().cookies()).filter(({ name }) => name.endsWith('gatelodge'))
  assert.equal(session.httpOnly, true)
  assert.equal(await page.evaluate(() => document.cookie), '')
})

for (const host of ['localhost', '127.0.0.1']) {
  test(`the page typed as ${host} finds the gateway and keeps the session`, async (t) => {
    const [page, person] = [await newPage(t), somebody()]
    await register(page, person, homeAt(host))
    await page.reload()
    await seesDashboard(page, person)
    assert.equal(new URL(page.url()).hostname, host)
    await logout(page)
  })
}
