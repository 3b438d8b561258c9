// The pages themselves: fit for everybody, for password managers and for phones.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accessibilityProblems, described, fill, home, login, newPage, openAccount, register, seesLogin, somebody } from './stage.js'

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
    await page.getByText("Passwords don't match").waitFor()
  },
  'the dashboard': (page) => register(page, somebody()),
  'the account page': (page) => openAccount(page, somebody()),
  'the account page with an error': async (page) => {
    await openAccount(page, somebody())
    await page.getByRole('button', { name: 'Change password' }).click()
    await page.locator('[aria-invalid="true"]').first().waitFor()
  },
  'the question before an account is deleted': async (page) => {
    await openAccount(page, somebody())
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
    test(`axe finds nothing to mend on ${name}, ${colorScheme}`, async (t) => {
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
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Create an account' }).waitFor()
})

test('nothing moves when a message comes', async (t) => {
  const page = await newPage(t, { viewport: { width: 390, height: 760 } })
  const places = () => page.locator('h1, label, input, button, form + p').evaluateAll((all) => all.map((it) => it.getBoundingClientRect().top + scrollY))
  for (const [path, message] of [['/login', 'Username and/or password incorrect'], ['/register', "Passwords don't match"]]) {
    await page.goto(home + path)
    await page.getByRole('heading').waitFor()
    const before = await places()
    await fill(page, path === '/login' ? somebody() : { ...somebody(), confirmPassword: 'something else' })
    await page.getByRole('button').click()
    await page.getByText(message).waitFor()
    assert.deepEqual(await places(), before)
  }
})

test('an empty form is told at its fields, and the first one gets the focus', async (t) => {
  const page = await newPage(t)
  await page.goto(`${home}/register`)
  await page.getByRole('button').click()
  await page.getByText('Username and password required').first().waitFor()
  assert.deepEqual(await described(page, 'Username'), { note: 'Username and password required', wrong: 'true', focused: true })
  assert.deepEqual(await described(page, 'Password'), { note: 'Username and password required', wrong: 'true', focused: false })
})

test('after logging out the focus is where one types next', async (t) => {
  const page = await newPage(t)
  await register(page, somebody())
  assert.ok(await page.getByRole('heading').evaluate((it) => it === document.activeElement))
  await page.getByRole('button', { name: 'Log out' }).click()
  await seesLogin(page)
  assert.ok(await page.getByLabel('Username').evaluate((it) => it === document.activeElement))
})
