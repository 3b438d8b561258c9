// A visitor who opens a page for signed-in users gets there after the login, and to no other site.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fill, home, login, logout, newPage, openAccount, otherSite, register, seesAccount, seesDashboard, seesLogin, somebody } from './stage.js'

const pathOf = (page) => page.url().slice(home.length)

test('a deep link to the account page returns there after login', async (t) => {
  const [page, person] = [await newPage(t), somebody()]
  await register(await newPage(t), person)
  await page.goto(`${home}/account?from=mail#password`)
  await seesLogin(page)
  await fill(page, person)
  await page.getByRole('button', { name: 'Log in' }).click()
  await seesAccount(page, person)
  assert.equal(pathOf(page), '/account?from=mail#password')
})

test('a deep link survives the way over the register page', async (t) => {
  const [page, person] = [await newPage(t), somebody()]
  await page.goto(`${home}/account`)
  await seesLogin(page)
  await page.getByRole('link', { name: 'Create an account' }).click()
  await fill(page, { ...person, confirmPassword: person.password })
  await page.getByRole('button', { name: 'Create account' }).click()
  await seesAccount(page, person)
})

test('a log-out is not a deep link: the next user gets to the dashboard', async (t) => {
  const [page, ada, bob] = [await newPage(t), somebody(), somebody()]
  await register(await newPage(t), bob)
  await openAccount(page, ada)
  await logout(page)
  assert.equal(pathOf(page), '/login')
  await fill(page, bob)
  await page.getByRole('button', { name: 'Log in' }).click()
  await seesDashboard(page, bob)
})

for (const path of ['/login', '/register']) {
  test(`${path} sends a signed-in user on`, async (t) => {
    const [page, person] = [await newPage(t), somebody()]
    await register(page, person)
    await page.goto(home + path)
    await seesDashboard(page, person)
    await page.goto(`${home}${path}?return_to=/account`)
    await seesAccount(page, person)
  })
}

const host = otherSite.slice('http://'.length)
const elsewhere = {
  'the address of another site': otherSite,
  'an address without its scheme': `//${host}`,
  'three slashes': `///${host}`,
  'a backslash for a slash': `/\\${host}`,
  'two backslashes': `\\\\${host}`,
  'a tab between the slashes': `/\t/${host}`,
  'a line break between the slashes': `/\n/${host}`,
  'a path that becomes an address': `/.//${host}`,
  'a path that becomes an address by backslashes': `/.\\\\${host}`,
  'a path that climbs to an address': `/account/..//${host}`,
  'a script': "javascript:document.title='stolen'",
  'a script after a slash and a tab': "/\tjavascript:document.title='stolen'",
  'a data address': 'data:text/html,stolen',
  'the login page itself': '/login?return_to=/login',
}
const loginBefore = (path) => `${home}/login?return_to=${encodeURIComponent(path)}`

test('no return path leads a user who logs in away from the page', async (t) => {
  const person = somebody()
  await register(await newPage(t), person)
  // A login costs the gateway a hash, and the rest is the same code as below: these few are enough.
  const few = ['the address of another site', 'an address without its scheme', 'a path that becomes an address', 'a script']
  for (const what of few) {
    const path = elsewhere[what]
    await t.test(what, async (t) => {
      const page = await newPage(t)
      await page.goto(loginBefore(path))
      await fill(page, person)
      await page.getByRole('button', { name: 'Log in' }).click()
      await seesDashboard(page, person)
    })
  }
})

test('no return path leads a signed-in user away from the page', async (t) => {
  const [page, person] = [await newPage(t), somebody()]
  await register(page, person)
  for (const [what, path] of Object.entries(elsewhere)) {
    await t.test(what, async () => {
      await page.goto(loginBefore(path))
      await seesDashboard(page, person)
    })
  }
})
