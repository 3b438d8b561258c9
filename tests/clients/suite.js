// The account flows, the same for every client in this folder. Each client's test file covers how its errors look.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openBrowser } from './browser.js'
import { somebody, startGateway } from './gateway.js'
import { Login, Logout, Me, Register } from './operations.js'

/**
 * `name` is the client's name. `open(gateway)` makes a client with
 *   send(operation, variables)   returns the data, or throws the client's own error.
 * `errorsOf(error)` returns the `errors[]` of an answer as an app reads them.
 * `looks` checks the rest of an error: `refused` (the operation is wrong), `forbidden` (403), `busy` (503), `unanswered`.
 */
export async function accountTests({ name, open, errorsOf, looks }) {
  const gateway = await startGateway()

  async function failure(promise) {
    const [result] = await Promise.allSettled([promise])
    assert.equal(result.status, 'rejected', `no error, but ${JSON.stringify(result.value)}`)
    return result.reason
  }

  async function register(client) {
    const person = somebody()
    const { register } = await client.send(Register, { input: { ...person, confirmPassword: person.password } })
    assert.deepEqual(register.userErrors, [])
    return { ...person, id: register.user.id }
  }

  const isMe = async (client, { id, username }) => {
    const { me } = await client.send(Me)
    assert.deepEqual({ id: me?.id, username: me?.username }, { id, username })
  }

  const names = async (jar) => (await jar.getCookies(gateway)).map((cookie) => cookie.key).sort()

  test(`${name}: register, me, log out, nobody, log in, me`, async () => {
    const { jar } = openBrowser()
    const client = open(gateway)
    assert.equal((await client.send(Me)).me, null)

    const { id, ...person } = await register(client)
    await isMe(client, { ...person, id })
    for (const cookie of await jar.getSetCookieStrings(gateway)) assert.match(cookie, /^gatelodge(-device)?=[^;]+;.*HttpOnly; SameSite=Lax$/)
    assert.deepEqual(await names(jar), ['gatelodge', 'gatelodge-device'])

    assert.equal((await client.send(Logout)).logout.loggedOut, true)
    assert.equal((await client.send(Me)).me, null)
    assert.deepEqual(await names(jar), ['gatelodge-device'])

    const { login } = await client.send(Login, { input: person })
    assert.deepEqual([login.user.id, login.userErrors], [id, []])
    await isMe(client, { ...person, id })
  })

  test(`${name}: a taken name and a wrong password are data for the form, and no errors`, async () => {
    openBrowser()
    const client = open(gateway)
    const { id, username, password } = await register(client)

    const { register: taken } = await client.send(Register, { input: { username, password, confirmPassword: password } })
    assert.equal(taken.user, null)
    assert.deepEqual(taken.userErrors.map(plain), [
      { code: 'USERNAME_TAKEN', message: 'Username already taken', field: ['username'], retryAfter: null },
    ])
    const { login: wrong } = await client.send(Login, { input: { username, password: 'a short walk by the sea' } })
    assert.equal(wrong.user, null)
    assert.deepEqual(wrong.userErrors.map(plain), [
      { code: 'INVALID_CREDENTIALS', message: 'Username and/or password incorrect', field: null, retryAfter: null },
    ])
    await isMe(client, { id, username })
  })

  // The client's own Accept header, which prefers application/graphql-response+json, and the one of older clients.
  for (const [accept, status] of [[undefined, 400], ['application/json', 200]]) {
    test(`${name}: an unknown field is told in words that a developer understands, with HTTP ${status}`, async () => {
      const { answers } = openBrowser({ accept })
      const error = await failure(open(gateway).send('query Me { me { name } }'))
      assert.deepEqual(answers.map((answer) => answer.status), [status])
      looks.refused(error)
      const [{ message, extensions }, ...more] = errorsOf(error)
      assert.match(message, /Cannot query field "name" on type "User"/)
      assert.equal(extensions.code, 'GRAPHQL_VALIDATION_FAILED')
      assert.deepEqual(more, [])
    })
  }

  test(`${name}: an origin that is not on the list gets 403, which a page cannot even read, and no session`, async () => {
    openBrowser()
    const { username, password } = await register(open(gateway))
    const origin = 'http://localhost:4000'

    const { jar, answers } = openBrowser({ origin, program: true })
    const error = await failure(open(gateway).send(Login, { input: { username, password } }))
    assert.deepEqual(answers.map((answer) => answer.status), [403])
    looks.forbidden(error)
    assert.deepEqual(errorsOf(error).map(known), [{ message: "This origin is not allowed: http://localhost:4000. The gateway's setting GATELODGE_ALLOWED_ORIGINS lists the origins of frontends", extensions: { code: 'FORBIDDEN' } }])
    assert.deepEqual(await names(jar), [])

    const { jar: pagesJar } = openBrowser({ origin })
    const silence = await failure(open(gateway).send(Login, { input: { username, password } }))
    looks.unanswered(silence)
    assert.deepEqual(errorsOf(silence), [])
    assert.deepEqual(await pagesJar.getCookies(gateway), [])
  })

  test(`${name}: a gateway with too much to do answers 503, when to come back, and no data`, async () => {
    const { answers } = openBrowser()
    const client = open(gateway)
    const logins = Array.from({ length: 6 }, () => client.send(Login, { input: somebody() }))
    const results = await Promise.allSettled(logins)

    const served = results.filter(({ status }) => status === 'fulfilled')
    assert.deepEqual(served.map(({ value }) => value.login.userErrors[0].code), served.map(() => 'INVALID_CREDENTIALS'))
    const turnedAway = results.filter(({ status }) => status === 'rejected').map(({ reason }) => reason)
    assert.ok(served.length >= 1 && turnedAway.length >= 1, `${served.length} served, ${turnedAway.length} turned away`)

    const refusals = answers.filter(({ status }) => status !== 200)
    assert.equal(refusals.length, turnedAway.length)
    for (const { status, headers } of refusals) {
      assert.deepEqual([status, headers.get('Retry-After')], [503, '2'])
      assert.match(headers.get('Access-Control-Expose-Headers'), /\bretry-after\b/)
    }
    for (const error of turnedAway) {
      looks.busy(error)
      assert.deepEqual(errorsOf(error).map(known), [
        { message: 'The service is busy, try again in a moment', extensions: { code: 'SERVICE_BUSY', retryAfter: 2 } },
      ])
    }
  })
}

const plain = ({ code, message, field, retryAfter }) => ({ code, message, field, retryAfter })
const known = ({ message, extensions }) => ({ message, extensions: { ...extensions } })
