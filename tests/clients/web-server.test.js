// A web server that renders pages for users, and passes their cookies in both directions.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import fetchCookie from 'fetch-cookie'
import { listen, somebody, startGateway } from './gateway.js'
import { Login, Logout, Me, Register } from './operations.js'
import { ask } from './web-server.js'

const site = createServer((request, response) => {
  answer(request, response).catch((error) => response.writeHead(500).end(error.stack))
})
const home = `http://localhost:${await listen(site)}`
const gateway = await startGateway({ GATELODGE_ALLOWED_ORIGINS: home })

// GET / shows a greeting; a form sent to /register, /login or /logout runs that mutation.
async function answer(request, response) {
  const { url } = request
  if (url === '/') {
    const { data } = await ask(gateway, request, Me)
    return response.end(`Hello, ${data.me?.username ?? 'stranger'}`)
  }
  const form = await new Promise((done) => {
    let text = ''
    request.on('data', (chunk) => { text += chunk }).on('end', () => done(Object.fromEntries(new URLSearchParams(text))))
  })
  const [query, variables] = { '/register': [Register, { input: form }], '/login': [Login, { input: form }], '/logout': [Logout] }[url]
  const { data, errors, status, cookies } = await ask(gateway, request, query, variables)
  response.writeHead(status, { 'Set-Cookie': cookies }).end(JSON.stringify(data ?? errors))
}

/** A user's browser: `get` a page, `post` a form from a page of `origin`. */
function visitor() {
  const fetch = fetchCookie(globalThis.fetch)
  return {
    get: (headers) => fetch(`${home}/`, { headers }).then((page) => page.text()),
    post: (path, form = {}, origin = home) => fetch(home + path, { method: 'POST', headers: { Origin: origin }, body: new URLSearchParams(form) }),
  }
}

async function register() {
  const person = { ...somebody(), browser: visitor() }
  const { username, password } = person
  const answer = await person.browser.post('/register', { username, password, confirmPassword: password })
  assert.deepEqual((await answer.json()).register.userErrors, [])
  return person
}

test('a web server: the cookie goes through it both ways, for login and logout, and each visitor keeps their own', async () => {
  const [ada, bob] = [await register(), await register()]
  assert.equal(await ada.browser.get(), `Hello, ${ada.username}`)
  assert.equal(await bob.browser.get(), `Hello, ${bob.username}`)
  assert.equal(await visitor().get(), 'Hello, stranger')

  await ada.browser.post('/logout')
  assert.equal(await ada.browser.get(), 'Hello, stranger')
  assert.equal(await bob.browser.get(), `Hello, ${bob.username}`)
  const { username, password } = ada
  await ada.browser.post('/login', { username, password })
  assert.equal(await ada.browser.get(), `Hello, ${ada.username}`)
})

test('a web server: a link from another site shows the page, a form of another site is refused', async () => {
  const ada = await register()
  assert.equal(await ada.browser.get({ 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' }), `Hello, ${ada.username}`)

  const mallory = await register()
  const { username, password } = mallory
  for (const [path, form] of [['/logout'], ['/login', { username, password }]]) {
    const answer = await ada.browser.post(path, form, 'https://stranger.example')
    assert.equal(answer.status, 403)
    assert.deepEqual(answer.headers.getSetCookie(), [])
    assert.equal((await answer.json())[0].extensions.code, 'FORBIDDEN')
  }
  assert.equal(await ada.browser.get(), `Hello, ${ada.username}`)
})

test("a web server: the gateway is told the visitor's address, after those that were told before", async () => {
  const seen = []
  const ear = createServer(({ headers }, response) => {
    seen.push(headers['x-forwarded-for'])
    response.end('{"data":{}}')
  })
  const address = `http://localhost:${await listen(ear)}`
  for (const forwarded of [undefined, '203.0.113.7']) {
    await ask(address, { headers: { 'x-forwarded-for': forwarded }, socket: { remoteAddress: '198.51.100.2' } }, Me)
  }
  assert.deepEqual(seen, ['198.51.100.2', '203.0.113.7, 198.51.100.2'])
})
