// The pages themselves: fit for everybody, for password managers and for phones.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  accessibilityProblems, addTask, described, fill, home, login, newPage, openAccount, openRows, register, seesLogin, somebody,
} from './stage.js'

const pages = {
  'the login page': (page) => page.goto(`${home}/login`),
  'the login page with an error': async (page) => {
    await login(page, somebody())
    await page.getByText('Username and/or password incorrect').waitFor()
  },
  'the register page': async (page) => {
    await page.goto(`${home}/register`)
    await page.getByText('At least 8 characters').waitFor()
  },
  'the register page with an error': async (page) => {
    await page.goto(`${home}/register`)
    await fill(page, { ...somebody(), confirmPassword: 'something else' })
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByText('The passwords don’t match.').waitFor()
  },
  'the dashboard': (page) => register(page, somebody()),
  'the dashboard with tasks': async (page) => {
    await register(page, somebody())
    for (const title of ['Learn to swim', 'An-extraordinarily-long-name-of-a-task-that-has-no-space-to-break-at-anywhere']) await addTask(page, title)
    await page.getByRole('checkbox', { name: 'Learn to swim' }).check()
    await page.locator('.tasks s').waitFor()
  },
  'the dashboard without the task service': async (page) => {
    const person = somebody()
    const me = { __typename: 'User', id: 'user_1', username: person.username, createdAt: '2026-01-31T12:00:00Z', tasks: null }
    const errors = [{ message: 'For programs', path: ['me', 'tasks'], extensions: { code: 'BAD_GATEWAY' } }]
    const headers = { 'Access-Control-Allow-Origin': home, 'Access-Control-Allow-Credentials': 'true' }
    await page.route('**/graphql', (route) =>
      route.request().postData()?.includes('query Home') ? route.fulfill({ headers, json: { data: { me, session: null }, errors } }) : route.continue())
    await register(page, person)
    await page.getByText('The task list is not available right now.').waitFor()
  },
  'the account page': (page) => openAccount(page, somebody()),
  'the account page with all rows open': async (page) => {
    await openAccount(page, somebody())
    await openRows(page, 'Username', 'Password', 'Devices', 'Recent activity', 'Delete account')
  },
  'the account page after a change': async (page) => {
    await openAccount(page, somebody())
    await openRows(page, 'Username')
    await fill(page, { newUsername: somebody().username })
    await page.getByRole('button', { name: 'Change username' }).click()
    await page.getByRole('status').waitFor()
  },
  'the account page with an error': async (page) => {
    await openAccount(page, somebody())
    await openRows(page, 'Password')
    await page.getByRole('button', { name: 'Change password' }).click()
    await page.locator('[aria-invalid="true"]').first().waitFor()
  },
  'the question before an account is deleted': async (page) => {
    await openAccount(page, somebody())
    await openRows(page, 'Delete account')
    await page.getByRole('button', { name: 'Delete account' }).click()
    await page.getByRole('dialog').waitFor()
  },
  'the dashboard without a gateway': async (page) => {
    await page.route('**/graphql', (route) => route.abort())
    await page.goto(home)
    await page.getByText('cannot be reached').waitFor()
  },
}

for (const [name, open] of Object.entries(pages)) {
  for (const colorScheme of ['light', 'dark']) {
    test(`axe finds no problem on ${name}, ${colorScheme}`, async (t) => {
      const page = await newPage(t, { colorScheme })
      await open(page)
      assert.deepEqual(await accessibilityProblems(page), [])
    })
  }

  test(`a small phone shows ${name} without sideways scrolling`, async (t) => {
    const page = await newPage(t, { viewport: { width: 320, height: 568 } })
    await open(page)
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320)
  })
}

test('light and dark follow the system', async (t) => {
  const paper = async (colorScheme) => {
    const page = await newPage(t, { colorScheme })
    await page.goto(`${home}/login`)
    return page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
  }
  assert.notEqual(await paper('light'), await paper('dark'))
})

test('password managers find out what each field is for', async (t) => {
  const page = await newPage(t)
  const purposes = (path) => page.goto(home + path).then(() => page.locator('input:not([type=checkbox])').evaluateAll((fields) => fields.map((it) => [it.type, it.autocomplete])))
  assert.deepEqual(await purposes('/login'), [['text', 'username'], ['password', 'current-password']])
  assert.deepEqual(await purposes('/register'), [['text', 'username'], ['password', 'new-password'], ['password', 'new-password']])
})

test('the keyboard alone is enough', async (t) => {
  const page = await newPage(t)
  await page.goto(`${home}/login`)
  await page.getByLabel('Username').evaluate((it) => it === document.activeElement || Promise.reject(new Error('the first field has no focus')))
  await page.keyboard.type(somebody().username)
  await page.keyboard.press('Tab')
  await page.keyboard.type('a password')
  await page.keyboard.press('Enter')
  await page.getByText('Username and/or password incorrect').waitFor()
  await page.getByRole('link', { name: 'Create an account' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Create an account' }).waitFor()
})

test('fields stand at even distances, and a message stands right below its field', async (t) => {
  const page = await newPage(t, { viewport: { width: 390, height: 760 } })
  await page.goto(`${home}/register`)
  await page.getByText('At least 8 characters').waitFor()
  const gaps = () => page.locator('.field').evaluateAll((fields) => fields.slice(1).map((field, index) =>
    Math.round(field.getBoundingClientRect().top - fields[index].getBoundingClientRect().bottom)))
  const [first, ...more] = await gaps()
  assert.deepEqual(more, more.map(() => first))
  const heights = await page.locator('.field').evaluateAll((fields) => fields.map((field) => Math.round(field.getBoundingClientRect().height)))
  assert.equal(new Set(heights).size, 1, `heights ${heights}`)

  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByText('Choose a username.').waitFor()
  assert.deepEqual(await gaps(), [first, ...more])
})

test('all mistakes of a form are said at once, each at its field, and the first one gets the focus', async (t) => {
  const page = await newPage(t)
  await page.goto(`${home}/register`)
  await page.getByText('At least 8 characters').waitFor()
  await fill(page, { password: 'short', confirmPassword: 'shorter' })
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByText('Choose a username.').waitFor()
  assert.deepEqual(await described(page, 'Username'), { note: 'Choose a username.', wrong: 'true', focused: true })
  assert.deepEqual(await described(page, 'Password'), { note: 'Use at least 8 characters.', wrong: 'true', focused: false })
  assert.deepEqual(await described(page, 'Confirm password'), { note: 'The passwords don’t match.', wrong: 'true', focused: false })
  await fill(page, { username: 'ada' })
  assert.deepEqual(await described(page, 'Username'), { note: '', wrong: 'false', focused: true })
  assert.equal((await described(page, 'Password')).wrong, 'true')

  await page.goto(`${home}/login`)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByText('Enter your username.').waitFor()
  assert.deepEqual(await described(page, 'Password'), { note: 'Enter your password.', wrong: 'true', focused: false })
})

test('a password can be shown and hidden again, and is hidden while it is sent', async (t) => {
  const page = await newPage(t)
  await page.goto(`${home}/login`)
  const [field, button] = [page.getByLabel('Password', { exact: true }), page.getByRole('button', { name: 'Show password' })]
  const is = async () => [await field.getAttribute('type'), await button.getAttribute('aria-pressed'), await button.textContent()]
  await fill(page, somebody())
  assert.deepEqual(await is(), ['password', 'false', 'Show'])
  await button.click()
  assert.deepEqual(await is(), ['text', 'true', 'Hide'])
  await button.click()
  assert.deepEqual(await is(), ['password', 'false', 'Show'])

  await button.click()
  let typeOnTheWay
  await page.route('**/graphql', async (route) => {
    typeOnTheWay = await field.getAttribute('type')
    await route.continue()
  })
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByText('Username and/or password incorrect').waitFor()
  assert.equal(typeOnTheWay, 'password')
})

test('success looks like success, and is announced', async (t) => {
  const page = await newPage(t)
  await openAccount(page, somebody())
  await openRows(page, 'Username')
  await fill(page, { newUsername: somebody().username })
  await page.getByRole('button', { name: 'Change username' }).click()
  const done = page.getByRole('status').filter({ hasText: 'Your username is changed.' })
  await done.waitFor()
  assert.ok(await done.evaluate((it) => it === document.activeElement))
  const [red, green, blue] = await done.evaluate((it) => getComputedStyle(it).color.match(/\d+/g).map(Number))
  assert.ok(green > red && green > blue, 'it is not green')
})

test('rows of the account page are closed until they are opened, and closed ones have no fields', async (t) => {
  const page = await newPage(t)
  await openAccount(page, somebody())
  assert.equal(await page.locator('main input').count(), 0)
  await openRows(page, 'Password')
  await page.getByLabel('Current password', { exact: true }).waitFor()
  assert.equal(await page.locator('main input:not([hidden])').count(), 3)
  await openRows(page, 'Password')
  await page.waitForFunction(() => !document.querySelector('main input'))
})

test('after logging out the focus is where one types next', async (t) => {
  const page = await newPage(t)
  await register(page, somebody())
  assert.ok(await page.getByRole('heading', { level: 1 }).evaluate((it) => it === document.activeElement))
  await page.getByRole('navigation').getByRole('button', { name: 'Log out' }).click()
  await seesLogin(page)
  assert.ok(await page.getByLabel('Username').evaluate((it) => it === document.activeElement))
})
