// A page of a stranger, open in the browser of somebody who is logged in, tries to use that.
//
// From another site the browser itself keeps the Lax cookie back on most of these ways. From another port of the same host it does
// not: there the cookie travels, which the tests make sure of, and only the gateway's look at the origin stands in between.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gateway, newPage, otherOrigin, otherSite, register, seesDashboard, somebody } from './stage.js'

const graphql = `${gateway}/graphql`

/** The ways to send a query from a page; each answers with what the page could read. */
const ways = {
  'a fetch with credentials': (page, query) => attempt(page, 'POST', { 'Content-Type': 'application/json' }, JSON.stringify({ query })),
  'a fetch that needs no preflight': (page, query) => attempt(page, 'POST', { 'Content-Type': 'text/plain' }, JSON.stringify({ query })),
  'a fetch by GET': (page, query) => attempt(page, 'GET', {}, null, `?query=${encodeURIComponent(query)}`),
  'a form post': (page, query) => post(page, 'application/x-www-form-urlencoded', 'query', query),
  'a form post of several parts': (page, query) => post(page, 'multipart/form-data', 'query', query),
  // name=value, sent as it is: together they are JSON
  'a form post that looks like JSON': (page, query) => post(page, 'text/plain', `{"query":${JSON.stringify(query)},"x":"`, '"}'),
  "a query in an image's address": (page, query) => embed(page, 'img', `${graphql}?query=${encodeURIComponent(query)}`),
  'a link to a query': (page, query) => leave(page, (address) => { location.href = address }, `${graphql}?query=${encodeURIComponent(query)}`),
  "a query in a script's address": (page, query) => embed(page, 'script', `${graphql}?query=${encodeURIComponent(query)}`),
}

const attempt = (page, method, headers, body, query = '') =>
  page.evaluate(
    ([address, options]) => fetch(address, options).then((answer) => answer.text(), () => 'nothing'),
    [graphql + query, { method, headers, body, credentials: 'include' }],
  )

const post = (page, enctype, name, value) =>
  leave(page, ([action, enctype, name, value]) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action, enctype })
    form.append(Object.assign(document.createElement('input'), { name, value }))
    document.body.append(form)
    form.submit()
  }, [graphql, enctype, name, value])

async function leave(page, how, what) {
  const answered = page.waitForURL((url) => url.href.startsWith(graphql))
  await page.evaluate(how, what)
  await answered
  return 'nothing' // the stranger's page is gone; what has come belongs to the gateway's origin
}

const embed = (page, tag, src) =>
  page.evaluate(([tag, src]) => new Promise((done) => {
    const element = Object.assign(document.createElement(tag), { onload: () => done('something'), onerror: () => done('nothing'), src })
    document.body.append(element)
  }), [tag, src])

/** Opens the stranger's page and tries every way from it; answers with what was read and what went over the wire. */
async function tryAll(context, origin, query) {
  const tried = {}
  for (const [way, send] of Object.entries(ways)) {
    const page = await context.newPage()
    await page.goto(origin)
    const wire = await listen(page)
    const read = await send(page, query)
    tried[way] = { read, ...(await wire()) }
    await page.close()
  }
  return tried
}

/** What the browser sent to the gateway (but for preflights) and how that was answered: as the network saw it, not the page. */
async function listen(page) {
  const devtools = await page.context().newCDPSession(page)
  const requests = new Map()
  const note = (id, more) => requests.set(id, { ...requests.get(id), ...more })
  devtools.on('Network.requestWillBeSent', ({ requestId, request }) => note(requestId, { url: request.url, method: request.method }))
  devtools.on('Network.requestWillBeSentExtraInfo', ({ requestId, headers }) => note(requestId, { cookie: /gatelodge=/.test(headers.cookie ?? headers.Cookie) }))
  devtools.on('Network.responseReceivedExtraInfo', ({ requestId, statusCode }) => note(requestId, { status: statusCode }))
  await devtools.send('Network.enable')
  return async () => {
    await devtools.send('Network.disable') // an answer to this comes after all events
    return [...requests.values()].filter(({ url, method }) => url?.startsWith(graphql) && method !== 'OPTIONS')
      .map(({ cookie, status }) => ({ cookie, status })).at(-1)
  }
}

for (const [where, origin, sent] of [
  // which ways take the cookie along: from another site only the link, since the cookie is Lax
  ['another site', otherSite, (way) => way === 'a link to a query'],
  ['another port of the same host', otherOrigin, () => true],
]) {
  const goals = {
    'read who is logged in': () => '{ me { username } }',
    'log the person out': () => 'mutation { logout { loggedOut } }',
    'log them in as somebody else': ({ username, password }) =>
      `mutation { login(input: { username: "${username}", password: "${password}" }) { user { id } } }`,
  }
  for (const [goal, query] of Object.entries(goals)) {
    test(`a page on ${where} cannot ${goal}`, async (t) => {
      const [page, ada, mallory] = [await newPage(t), somebody(), somebody()]
      await register(await newPage(t), mallory)
      await register(page, ada)
      const cookies = await page.context().cookies()

      for (const [way, { read, cookie, status }] of Object.entries(await tryAll(page.context(), origin, query(mallory)))) {
        assert.equal(read, 'nothing', way)
        if (way === 'a fetch with credentials') assert.equal(status, undefined, `${way} got past the preflight`)
        else assert.deepEqual({ cookie, status }, { cookie: sent(way), status: 403 }, way)
      }

      await page.reload()
      await seesDashboard(page, ada)
      assert.deepEqual(await page.context().cookies(), cookies)
    })
  }
}
