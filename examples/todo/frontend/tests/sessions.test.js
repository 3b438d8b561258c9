// A person's sessions: where they are logged in, and for how long.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fill, home, login, newPage, openAccount, openRows, register, seesAccount, seesDashboard, seesLogin, somebody } from './stage.js'

const rows = (page) => page.getByRole('listitem').filter({ has: page.getByRole('button', { name: 'Log out' }) })

/** Somebody with two browsers; the first is on the account page. */
async function twoBrowsers(t) {
  const [here, there, person] = [await newPage(t), await newPage(t, { userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' }), somebody()]
  await openAccount(here, person)
  await login(there, person)
  await seesDashboard(there, person)
  await here.reload()
  await openRows(here, 'Devices')
  await rows(here).nth(1).waitFor()
  return { here, there, person }
}

test('the list of sessions tells device, address and time, newest first, and which one is this', async (t) => {
  const { here } = await twoBrowsers(t)
  const [newest, oldest] = await rows(here).allInnerTexts()
  assert.match(newest, /^Firefox on Linux\n+127\.0\.0\.1 · Last seen .*\d{4}/)
  assert.match(oldest, /^Chrome on Linux\s*This browser\n+127\.0\.0\.1 · Last seen .*\d{4}/)
})

test('a session that is ended in one browser is a visitor in the other', async (t) => {
  const { here, there, person } = await twoBrowsers(t)
  await here.getByRole('button', { name: 'Log out Firefox on Linux' }).click()
  await rows(here).nth(1).waitFor({ state: 'detached' })
  const done = here.getByRole('status').filter({ hasText: 'Firefox on Linux is logged out.' })
  assert.ok(await done.evaluate((it) => it === document.activeElement))
  await there.getByRole('link', { name: 'Your account' }).click() // without loading the page anew
  await seesLogin(there)
  assert.equal((await there.locator('body').innerText()).includes(person.username), false)
  await here.reload()
  await seesAccount(here, person)
})

test('"Log out everywhere else" ends all but this browser', async (t) => {
  const { here, there, person } = await twoBrowsers(t)
  const third = await newPage(t)
  await login(third, person)
  await seesDashboard(third, person)
  await here.getByRole('button', { name: 'Log out everywhere else' }).click()
  await rows(here).nth(1).waitFor({ state: 'detached' })
  for (const page of [there, third]) {
    await page.reload()
    await seesLogin(page)
  }
  await here.reload()
  await seesAccount(here, person)
})

test('ending the session of this browser logs out', async (t) => {
  const page = await newPage(t)
  await openAccount(page, somebody())
  await openRows(page, 'Devices')
  await page.getByRole('button', { name: 'Log out this browser' }).click()
  await seesLogin(page)
  await page.goto(home)
  await seesLogin(page)
})

const expires = async (page) => (await page.context().cookies()).find(({ name }) => name === 'gatelodge').expires

test('who stays logged in has a cookie of thirty days, and who does not has one that ends with the browser', async (t) => {
  const [page, person] = [await newPage(t), somebody()]
  await register(page, person)
  const days = (await expires(page) - Date.now() / 1000) / 86_400
  assert.ok(days > 29.9 && days <= 30, `${days} days`)

  for (const path of ['/login', '/register']) {
    const page = await newPage(t)
    await page.goto(home + path)
    await page.getByLabel('Stay logged in on this device').uncheck()
    const other = path === '/login' ? person : { ...somebody() }
    await fill(page, path === '/login' ? other : { ...other, confirmPassword: other.password })
    await page.getByRole('button', { name: path === '/login' ? 'Log in' : 'Create account' }).click()
    await seesDashboard(page, other)
    assert.equal(await expires(page), -1)
  }
})
