// What a person sees when something is slow, full or broken.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fill, gateway, home, login, logout, newPage, register, seesDashboard, seesLogin, somebody } from './stage.js'

/** From now on the gateway answers the page with this instead. */
const answer = (page, status, body) =>
  page.route(`${gateway}/graphql`, (route) =>
    route.fulfill({
      status,
      headers: { 'Access-Control-Allow-Origin': home, 'Access-Control-Allow-Credentials': 'true', 'Content-Type': typeof body === 'string' ? 'text/html' : 'application/graphql-response+json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }))

const refusal = (code, retryAfter) => ({ errors: [{ message: 'For programs', extensions: { code, retryAfter } }] })

async function seesMessage(page, words) {
  const message = page.getByRole('alert').filter({ hasText: words })
  await message.waitFor()
  return message
}

test('the button is disabled while the request runs, and works again after it', async (t) => {
  const page = await newPage(t)
  await page.goto(`${home}/login`)
  let letGo
  const held = new Promise((done) => { letGo = done })
  await page.route(`${gateway}/graphql`, async (route) => { await held; await route.continue() })
  await fill(page, somebody())
  const button = page.getByRole('button', { name: 'Log in' })
  await button.click()
  await page.waitForFunction(() => document.querySelector('form > button').disabled)
  letGo()
  await seesMessage(page, 'incorrect')
  assert.equal(await button.isEnabled(), true)
})

test('a gateway that cannot be reached is told in plain words, and what was typed stays', async (t) => {
  const [page, person] = [await newPage(t), somebody()]
  await page.goto(`${home}/register`)
  await page.context().setOffline(true)
  await fill(page, { ...person, confirmPassword: person.password })
  await page.getByRole('button', { name: 'Create account' }).click()
  const message = await seesMessage(page, 'The server cannot be reached. Please check your connection and try again.')
  // Screen readers begin there; nobody sees a box around it, for it is nothing to click.
  assert.deepEqual(await message.evaluate((it) => [it === document.activeElement, getComputedStyle(it).outlineStyle]), [true, 'none'])
  await page.context().setOffline(false)
  await page.getByRole('button', { name: 'Create account' }).click()
  await seesDashboard(page, person)
})

const words = [
  ['an overloaded gateway', 503, refusal('SERVICE_BUSY', 2), 'The server is busy right now. Please try again in 2 seconds.'],
  ['a gateway without its database', 503, refusal('SERVICE_UNAVAILABLE', 120), 'The server is not available right now. Please try again in 2 minutes.'],
  ['a fault of the gateway', 200, { data: null, ...refusal('INTERNAL_SERVER_ERROR') }, 'Something went wrong on our side. Please try again.'],
  ['a proxy without a gateway', 502, '<h1>Bad Gateway</h1>', 'The server is not available right now. Please try again in a moment.'],
]
for (const [what, status, body, message] of words) {
  test(`${what} is told in plain words, and what was typed stays`, async (t) => {
    const [page, person] = [await newPage(t), somebody()]
    await answer(page, status, body)
    await login(page, person)
    await seesMessage(page, message)
    assert.equal(await page.getByLabel('Username').inputValue(), person.username)
    assert.equal(await page.getByLabel('Password', { exact: true }).inputValue(), person.password)
    assert.equal(await page.getByRole('button', { name: 'Log in' }).isEnabled(), true)
  })
}

test('whoever tried too many passwords is told how long to wait', async (t) => {
  const page = await newPage(t)
  const problem = { __typename: 'LoginUserError', code: 'THROTTLED', message: 'For people', field: null, retryAfter: 30 }
  await answer(page, 200, { data: { login: { __typename: 'LoginPayload', user: null, userErrors: [problem] } } })
  await login(page, somebody())
  await seesMessage(page, 'Too many attempts. Please try again in 30 seconds.')
})

test('a dashboard that cannot load says so, and gets there by trying again', async (t) => {
  const [page, person] = [await newPage(t), somebody()]
  await register(page, person)
  await answer(page, 503, refusal('SERVICE_UNAVAILABLE', 5))
  await page.goto(home)
  await seesMessage(page, 'The server is not available right now. Please try again in 5 seconds.')
  assert.equal(new URL(page.url()).pathname, '/') // not to the login page: nobody knows yet whether there is a session
  await page.unroute(`${gateway}/graphql`)
  await page.getByRole('button', { name: 'Try again' }).click()
  await seesDashboard(page, person)
})

test('a log-out that fails says so and stays on the dashboard', async (t) => {
  const [page, person] = [await newPage(t), somebody()]
  await register(page, person)
  await page.context().setOffline(true)
  await page.getByRole('navigation').getByRole('button', { name: 'Log out' }).click()
  await seesMessage(page, 'The server cannot be reached.')
  await seesDashboard(page, person)
  await page.context().setOffline(false)
  await logout(page)
  await seesLogin(page)
})
