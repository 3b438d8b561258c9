// The kits of clients/: two tabs of one browser, the same for every client. Each client's test file covers how it shows and keeps data.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openBrowser } from './browser.js'
import { somebody, startGateway } from './gateway.js'
import { Login, Logout, Me, Register, RevokeOthers } from './operations.js'

/**
 * `open(gateway, options)` makes a tab's client with its kit, which gets the options, and returns
 *   ask(query)                the data, from the cache if it is there
 *   change(mutation, input)   the data of a mutation, not from the cache
 *   watch(query)              shows a query; returns a function that returns the data which the page shows now
 *   kept()                    all that the client keeps, as text
 */
export async function identityTests({ name, open }) {
  const gateway = await startGateway({ GATELODGE_HASH_WORKERS: '2', GATELODGE_HASH_QUEUE: '64', GATELODGE_HASH_ITERATIONS: '2' })
  const network = globalThis.fetch
  let count = 0

  /** A browser with some tabs, and the messages between them. */
  function browserOf(t, ...tabs) {
    const channel = `${name} ${++count}`
    const ear = new BroadcastChannel(channel)
    const browser = { ...openBrowser(), requests: 0, told: [] }
    const send = globalThis.fetch
    globalThis.fetch = (input, init) => {
      browser.requests++
      return browser.send(input, init)
    }
    browser.send = send
    // The next request that contains this text is sent, or answered, only when the test says so.
    browser.holdBack = (words, { unsent = false } = {}) => {
      let letGo
      const held = new Promise((done) => { letGo = done })
      browser.send = async (input, init) => {
        if (!decodeURIComponent(`${input} ${init?.body}`.replaceAll('+', ' ')).includes(words)) return send(input, init)
        browser.send = send
        const answer = unsent ? undefined : await send(input, init)
        browser.hasCome = true
        await held
        return answer ?? send(input, init)
      }
      return letGo
    }
    ear.onmessage = ({ data }) => { browser.told.push(data) }
    const channels = [ear]
    browser.openTab = (options) => {
      const line = new BroadcastChannel(channel)
      channels.push(line)
      return open(gateway, { tabs: line, ...options })
    }
    browser.tabs = tabs.map(browser.openTab)
    t.after(() => {
      for (const line of channels) line.close()
      globalThis.fetch = network
    })
    return browser
  }

  const twoTabs = (t) => browserOf(t, {}, {})
  const nameOf = (data) => data?.me?.username

  async function register(tab) {
    const person = somebody()
    const { register } = await tab.change(Register, { ...person, confirmPassword: person.password })
    assert.deepEqual(register.userErrors, [])
    return person
  }

  /** A user who registered in a browser of their own. */
  async function bystander(t) {
    const browser = openBrowser()
    const line = new BroadcastChannel(`${name} ${++count}`)
    t.after(() => line.close())
    return { ...await register(open(gateway, { tabs: line })), browser }
  }

  const logIn = async (tab, { username, password }) => {
    const { login } = await tab.change(Login, { username, password })
    assert.deepEqual(login.userErrors, [])
  }

  async function eventually(what) {
    for (const end = Date.now() + 5_000; ; await sleep(10)) {
      try {
        return what()
      } catch (error) {
        if (Date.now() > end) throw error
      }
    }
  }

  const shows = (page, username) => eventually(() => assert.equal(nameOf(page()), username))
  const settled = () => sleep(150) // for what must not come

  test(`${name}: who is signed in when the page is loaded clears nothing`, async (t) => {
    const browser = browserOf(t, {})
    const [tab] = browser.tabs
    await tab.ask(Me)
    await tab.ask(Me)
    assert.equal(browser.requests, 1)
  })

  test(`${name}: a login is seen in the other tab, without asking there`, async (t) => {
    const ada = await bystander(t)
    const { tabs: [first, second], told } = twoTabs(t)
    const page = second.watch(Me)
    await eventually(() => assert.equal(page()?.me, null))
    await logIn(first, ada)
    await shows(page, ada.username)
    assert.equal(nameOf(await first.ask(Me)), ada.username)
    await settled()
    assert.equal(new Set(told).size, told.length, 'news was told twice')
    assert.equal(told.length, 2, 'who is there at first, and who logged in')
  })

  test(`${name}: a log-out empties the other tab, too`, async (t) => {
    const { tabs: [first, second] } = twoTabs(t)
    const ada = await register(first)
    const page = second.watch(Me)
    await shows(page, ada.username)
    await first.ask(Me)
    await first.change(Logout)
    await shows(page, undefined)
    await settled()
    for (const tab of [first, second]) {
      assert.ok(!tab.kept().includes(ada.username), tab.kept())
      assert.equal((await tab.ask(Me)).me, null)
    }
  })

  test(`${name}: the next person sees nothing of the one before, in neither tab`, async (t) => {
    const bob = await bystander(t)
    const { tabs: [first, second] } = twoTabs(t)
    const ada = await register(first)
    const pages = [first.watch(Me), second.watch(Me)]
    for (const page of pages) await shows(page, ada.username)
    await logIn(second, bob)
    for (const page of pages) await shows(page, bob.username)
    await settled()
    for (const tab of [first, second]) assert.ok(!tab.kept().includes(ada.username), tab.kept())
  })

  test(`${name}: what was shown is off the page before the new answer is there`, async (t) => {
    const { tabs: [first, second], holdBack } = twoTabs(t)
    const ada = await register(first)
    const page = second.watch(Me)
    await shows(page, ada.username)
    const letGo = holdBack('me {')
    await first.change(Logout)
    await shows(page, undefined)
    letGo()
    await eventually(() => assert.equal(page()?.me, null))
  })

  for (const [how, from, to] of [
    ['in the same tab', ({ tabs }) => tabs[0], 0],
    ['in the other tab', ({ tabs }) => tabs[0], 1],
    ['in the other tab, while the page is loaded', ({ openTab }) => openTab(), 1],
  ]) {
    test(`${name}: an answer that is overtaken by a login ${how} is neither shown nor kept`, async (t) => {
      const bob = await bystander(t)
      const browser = twoTabs(t)
      const ada = await register(browser.tabs[0])
      const letGo = browser.holdBack('me {')
      const tab = from(browser)
      const page = tab.watch(Me)
      await eventually(() => assert.ok(browser.hasCome))
      const seen = []
      const looking = setInterval(() => seen.push(nameOf(page())), 1)
      await logIn(browser.tabs[to], bob)
      await eventually(() => assert.ok(browser.told.length > 1))
      letGo()
      await shows(page, bob.username)
      await settled()
      clearInterval(looking)
      assert.ok(!seen.includes(ada.username))
      assert.equal(nameOf(page()), bob.username)
      assert.ok(!tab.kept().includes(ada.username), tab.kept())
    })
  }

  test(`${name}: a mutation that is overtaken fails, and what it tells is not kept`, async (t) => {
    const bob = await bystander(t)
    const browser = twoTabs(t)
    const [first, second] = browser.tabs
    const ada = await register(first)
    const letGo = browser.holdBack('revokeOtherSessions')
    const late = first.change(RevokeOthers).then(() => 'answered', () => 'failed')
    await eventually(() => assert.ok(browser.hasCome))
    await logIn(second, bob)
    const page = first.watch(Me)
    await shows(page, bob.username)
    letGo()
    assert.equal(await late, 'failed')
    await settled()
    await shows(page, bob.username)
    assert.ok(!first.kept().includes(ada.username), first.kept())
  })

  test(`${name}: of two logins at once, the last one answered is who is there`, async (t) => {
    const [bob, cem] = [await bystander(t), await bystander(t)]
    const browser = browserOf(t, {})
    const [tab] = browser.tabs
    await register(tab)
    const page = tab.watch(Me)
    const letGo = browser.holdBack(bob.username, { unsent: true })
    const late = logIn(tab, bob).catch(() => {})
    await eventually(() => assert.ok(browser.hasCome))
    await logIn(tab, cem)
    await shows(page, cem.username)
    letGo()
    await late
    await shows(page, bob.username)
  })

  test(`${name}: a login on its way while another tab finds nobody there goes through`, async (t) => {
    const ada = await bystander(t)
    const browser = twoTabs(t)
    const [first, second] = browser.tabs
    const letGo = browser.holdBack('login(', { unsent: true })
    const login = logIn(first, ada)
    await eventually(() => assert.ok(browser.hasCome))
    const page = second.watch(Me)
    await eventually(() => assert.deepEqual(browser.told, ['anonymous']))
    letGo()
    await login
    assert.equal(nameOf(await first.ask(Me)), ada.username)
    await shows(page, ada.username)
  })

  test(`${name}: a session that is ended elsewhere is noticed at the next answer, and told to the other tab`, async (t) => {
    const browser = twoTabs(t)
    const [first, second] = browser.tabs
    const ada = await register(first)
    const page = second.watch(Me)
    await shows(page, ada.username)
    await first.ask(Me)
    // Another client with the same cookie, which sends no message to the tabs.
    const query = 'mutation { logout { loggedOut } }'
    const cookie = await browser.jar.getCookieString(gateway)
    await network(`${gateway}/graphql`, { method: 'POST', headers: { 'Content-Type': 'application/json', Cookie: cookie }, body: JSON.stringify({ query }) })
    await first.change(Logout)
    await shows(page, undefined)
    await settled()
    for (const tab of [first, second]) assert.ok(!tab.kept().includes(ada.username), tab.kept())
  })

  test(`${name}: an answer that nobody was asked for changes nothing`, async (t) => {
    const browser = browserOf(t, {})
    const [tab] = browser.tabs
    const ada = await register(tab)
    await tab.ask(Me)
    const { send } = browser
    browser.send = async () => Response.json({ errors: [{ message: 'Busy', extensions: { code: 'SERVICE_BUSY' } }] }, { status: 503 })
    await assert.rejects(tab.change(Logout))
    browser.send = send
    const { requests } = browser
    assert.equal(nameOf(await tab.ask(Me)), ada.username)
    assert.equal(browser.requests, requests)
  })

  test(`${name}: where there are no other tabs, as on a server, a change still clears`, async (t) => {
    const browser = browserOf(t, { tabs: undefined })
    const [tab] = browser.tabs
    const ada = await register(tab)
    await tab.ask(Me)
    await tab.change(Logout)
    assert.equal((await tab.ask(Me)).me, null)
    assert.ok(!tab.kept().includes(ada.username))
    assert.deepEqual(browser.told, [])
  })

  test(`${name}: a page that a server made knows for whom`, async (t) => {
    const browser = browserOf(t, { identity: 'somebody who has gone since' })
    const [tab] = browser.tabs
    assert.equal((await tab.ask(Me)).me, null)
    await eventually(() => assert.deepEqual(browser.told, ['anonymous']))
  })
}
