// The kits of clients/ under React: each hook that shows data, while the signed-in user changes.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Window } from 'happy-dom'
import { Component, createElement as h, Suspense, useEffect } from 'react'
import { openBrowser } from './browser.js'
import { somebody, startGateway } from './gateway.js'
import { Register, RevokeOthers } from './operations.js'

const window = new Window()
for (const [name, value] of Object.entries({ window, document: window.document, navigator: window.navigator })) {
  Object.defineProperty(globalThis, name, { value, configurable: true })
}
// Apollo Client waits half a minute for suspended components; the tests do not.
const { setTimeout: wait } = globalThis
globalThis.setTimeout = (then, time, ...more) => {
  const timer = wait(then, time, ...more)
  return time >= 10_000 ? timer.unref() : timer
}
after(() => window.happyDOM.close())
const { createRoot } = await import('react-dom/client')

/** A switch outside of the page. It keeps its state when the page starts again. */
export const pause = {
  listeners: new Set(),
  on: false,
  get: () => pause.on,
  subscribe(listener) {
    pause.listeners.add(listener)
    return () => pause.listeners.delete(listener)
  },
  set(on) {
    pause.on = on
    for (const listener of pause.listeners) listener()
  },
}

/** Calls the function once, when the page is mounted. */
export const useStart = (start) => useEffect(() => { start() }, []) // eslint-disable-line

/** Shows a user, and records it. */
export function Name({ of: user }) {
  if (user) rendered.push(user.username)
  return user?.username ?? 'nobody'
}
let rendered = []

/** Returns whether the page is still that of the first user. */
export let isFirst

class Failure extends Component {
  state = {}
  static getDerivedStateFromError = (error) => ({ error })
  render() { return this.state.error ? 'an error' : this.props.children }
}

/**
 * `connect(gateway, options, hook)` makes the kit's clients. `change(client, mutation, input)` runs a mutation. `Provider` is a component with
 * `clients` and `children`. `hooks` are components by the name of their test; each shows `me` by `Name`. For those in `paused`, the switch
 * is on while the user changes. Those in `once` show their first answer, and do not query again by themselves.
 */
export async function hookTests({ name, connect, change, Provider, hooks, paused = [], once = [] }) {
  const gateway = await startGateway({ GATELODGE_HASH_WORKERS: '2', GATELODGE_HASH_QUEUE: '64', GATELODGE_HASH_ITERATIONS: '2' })
  const network = globalThis.fetch
  const eventually = async (what) => {
    for (const end = Date.now() + 5_000; ; await sleep(5)) {
      try {
        return what()
      } catch (error) {
        if (Date.now() > end) throw error
      }
    }
  }
  /** A signed-in user, and their browser's connection to the gateway. */
  const register = async (where) => {
    const [person, tabs] = [somebody(), new BroadcastChannel(`${name} ${where}`)]
    openBrowser()
    await change(connect(gateway, { tabs }).current(), Register, { ...person, confirmPassword: person.password })
    tabs.close()
    return { ...person, send: globalThis.fetch }
  }
  const [ada, bob] = [await register('ada'), await register('bob')]

  /** A page that shows Ada until Bob signs in there; `answer` decides how the queries of his page are answered. */
  async function open(t, hook) {
    const tabs = new BroadcastChannel(`${name} ${hook}`)
    let user = ada
    const send = (...request) => user.send(...request)
    const page = { answer: (go) => go(), asked: 0 }
    globalThis.fetch = (input, init) => {
      const isMe = /\bme\b/.test(decodeURIComponent(`${input} ${init?.body ?? ''}`).replaceAll('+', ' '))
      if (!isMe) return send(input, init)
      page.asked++
      return page.answer(() => send(input, init))
    }
    const clients = connect(gateway, { tabs }, hook)
    isFirst = true
    clients.subscribe(() => { rendered = [] })
    const element = window.document.createElement('div')
    const root = createRoot(element, { onCaughtError() {} })
    t.after(() => {
      root.unmount()
      tabs.close()
      pause.set(false)
      globalThis.fetch = network
    })
    root.render(h(Provider, { clients }, h(Failure, null, h(Suspense, { fallback: 'waiting' }, h(hooks[hook])))))
    await eventually(() => assert.ok(element.textContent.includes(ada.username), element.textContent))
    return Object.assign(page, {
      text: () => element.textContent,
      async becomesBobs() {
        if (paused.includes(hook)) pause.set(true)
        page.asked = 0
        isFirst = false
        user = bob // from now on his cookie is sent, and the next answer says so
        await change(clients.current(), RevokeOthers)
        await sleep(20)
        if (paused.includes(hook)) pause.set(false)
        if (!once.includes(hook)) await eventually(() => assert.ok(page.asked > 0, 'nothing was asked anew'))
        await sleep(20)
        page.showsNoAda()
      },
      showsNoAda() {
        assert.ok(!page.text().includes(ada.username), `the page still shows ${page.text()}`)
        assert.ok(!rendered.includes(ada.username), 'React rendered the last user anew')
      },
    })
  }

  for (const hook of Object.keys(hooks)) {
    test(`${name}, ${hook}: the last user is off the page before the new answer is there`, async (t) => {
      const page = await open(t, hook)
      let letGo
      const held = new Promise((done) => { letGo = done })
      page.answer = async (go) => {
        const answer = await go()
        await held
        return answer
      }
      await page.becomesBobs()
      letGo()
      if (!once.includes(hook)) await eventually(() => assert.ok(page.text().includes(bob.username), page.text()))
      page.showsNoAda()
    })

    test(`${name}, ${hook}: the last user stays off the page when the new answer is an error`, async (t) => {
      const page = await open(t, hook)
      page.answer = async () => {
        const refusal = { errors: [{ message: 'Out of order', extensions: { code: 'SERVICE_UNAVAILABLE' } }] }
        return Response.json(refusal, { status: 503, headers: { 'Content-Type': 'application/graphql-response+json' } })
      }
      await page.becomesBobs()
      await sleep(100)
      page.showsNoAda()
    })
  }
}
