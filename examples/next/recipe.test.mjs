// Tests the built app with the real gateway in Chromium: Next.js forwards the cookie in both directions.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { somebody, startGateway } from '../../tests/clients/gateway.js'

const { chromium } = createRequire(new URL('../todo/frontend/package.json', import.meta.url))('playwright-core')

const port = await freePort()
const home = `http://localhost:${port}`
// The web server sets the cookie, so its address is the gateway's public URL and the only allowed origin.
const gateway = await startGateway({ GATELODGE_PUBLIC_URL: home, GATELODGE_ALLOWED_ORIGINS: home, GATELODGE_TRUSTED_PROXIES: '127.0.0.1' })
await startNext()
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--headless', '--no-sandbox', '--disable-gpu'] })
after(() => browser.close())

async function freePort() {
  const server = createServer()
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address()
  await new Promise((done) => server.close(done))
  return port
}

async function startNext() {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, GATELODGE_URL: gateway, NEXT_TELEMETRY_DISABLED: '1' }
  const child = spawn('node_modules/.bin/next', ['start', '--port', port, '--hostname', '127.0.0.1'], { cwd: import.meta.dirname, env, stdio: ['ignore', 'ignore', 'inherit'] })
  after(() => child.kill())
  process.once('exit', () => child.kill('SIGKILL'))
  for (const end = Date.now() + 30_000; ; await sleep(50)) {
    if (await fetch(`http://127.0.0.1:${port}/login`).then((answer) => answer.ok, () => false)) return
    assert.ok(child.exitCode === null && Date.now() < end, 'next start did not get ready')
  }
}

async function openPage(t, options) {
  const context = await browser.newContext(options)
  context.setDefaultTimeout(15_000)
  t.after(() => context.close())
  return context.newPage()
}

const send = (query, variables, headers) =>
  fetch(`${gateway}/graphql`, {
    method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify({ query, variables }),
  }).then((answer) => answer.json())

async function register() {
  const person = somebody()
  const input = { ...person, confirmPassword: person.password }
  const { data } = await send('mutation R($input: RegisterInput!) { register(input: $input) { userErrors { code } } }', { input })
  assert.deepEqual(data.register.userErrors, [])
  return person
}

async function logIn(page, { username, password }) {
  await page.goto(`${home}/login`)
  await page.getByLabel('Username').fill(username)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Log in' }).click()
}

const greets = (page, { username }) => page.getByRole('heading', { name: `Hello, ${username}`, exact: true }).waitFor()
const session = async (page) => (await page.context().cookies()).find(({ name }) => name === 'gatelodge')

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? '' : ', without JavaScript'

  test(`a login gives the browser the gateway's cookie, and a log-out takes it away${how}`, async (t) => {
    const [page, person] = [await openPage(t, { javaScriptEnabled }), await register()]
    await page.goto(home)
    await page.getByText('You are not logged in.').waitFor()
    await logIn(page, person)
    await greets(page, person)
    const cookie = await session(page)
    assert.deepEqual([cookie.domain, cookie.httpOnly, cookie.sameSite, cookie.secure], ['localhost', true, 'Lax', false])
    await page.reload()
    await greets(page, person)

    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByText('You are not logged in.').waitFor()
    assert.equal(await session(page), undefined)
    const { data } = await send('{ me { username } }', {}, { Cookie: `gatelodge=${cookie.value}` })
    assert.equal(data.me, null, 'the session lives on in the gateway')
  })

  test(`a wrong password is said at the form, and sets no cookie${how}`, async (t) => {
    const [page, person] = [await openPage(t, { javaScriptEnabled }), await register()]
    await logIn(page, { ...person, password: 'not the right one' })
    await page.getByText('Username and/or password incorrect').waitFor()
    assert.equal(await session(page), undefined)
  })
}

test('two visitors of one web server see their own pages', async (t) => {
  const visitors = await Promise.all([0, 1].map(async () => ({ page: await openPage(t), person: await register() })))
  for (const { page, person } of visitors) {
    await logIn(page, person)
    await greets(page, person)
  }
  for (const { page, person } of visitors) {
    await page.reload()
    await greets(page, person)
  }
})

test("a stranger's page cannot log somebody in through the web server", async (t) => {
  const [page, person] = [await openPage(t, { javaScriptEnabled: false }), await register()]
  await page.goto(`${home}/login`)
  const form = Object.fromEntries(await page.locator('form input[type=hidden]').evaluateAll((all) => all.map(({ name, value }) => [name, value])))
  const body = new FormData()
  for (const [name, value] of Object.entries({ ...form, username: person.username, password: person.password })) body.set(name, value)
  const answer = await fetch(`${home}/login`, { method: 'POST', headers: { Origin: 'https://stranger.example' }, body, redirect: 'manual' })
  assert.ok(answer.status >= 400, `${answer.status}`)
  assert.deepEqual(answer.headers.getSetCookie().filter((cookie) => cookie.startsWith('gatelodge')), [])
})
