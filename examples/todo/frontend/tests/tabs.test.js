// Two tabs of one browser, at a computer that people share.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fill, gateway, home, login, logout, newPage, openAccount, register, seesAccount, seesDashboard, seesLogin, somebody } from './stage.js'

/** Another tab, on this path; it fails the test if it loads its document anew, which would say nothing of what it kept. */
async function openTab(t, page, path) {
  const tab = await page.context().newPage()
  await tab.goto(home + path)
  await tab.evaluate(() => { window.sameDocument = true })
  t.after(async () => assert.ok(await tab.evaluate(() => window.sameDocument).catch(() => true)))
  return tab
}

const stayed = async (tab) => assert.ok(await tab.evaluate(() => window.sameDocument), 'the tab was loaded anew')
const shows = async (tab, words) => (await tab.locator('body').innerText()).includes(words)

test('the other tab follows a log-out', async (t) => {
  const [page, ada] = [await newPage(t), somebody()]
  await register(page, ada)
  const [dashboard, account] = [await openTab(t, page, '/'), await openTab(t, page, '/account')]
  await seesDashboard(dashboard, ada)
  await seesAccount(account, ada)
  await logout(page)
  for (const tab of [dashboard, account]) {
    await seesLogin(tab)
    await stayed(tab)
    assert.equal(await shows(tab, ada.username), false)
  }
})

test("the other tab follows a login as somebody else, and shows nothing of the former person's", async (t) => {
  const [page, ada, bob] = [await newPage(t), somebody(), somebody()]
  await register(await newPage(t), bob)
  await register(page, ada)
  const [dashboard, account] = [await openTab(t, page, '/'), await openTab(t, page, '/account')]
  await seesDashboard(dashboard, ada)
  await seesAccount(account, ada)
  await logout(page)
  await login(page, bob)
  await seesDashboard(page, bob)
  await seesDashboard(dashboard, bob)
  await seesAccount(account, bob)
  for (const tab of [dashboard, account]) {
    await stayed(tab)
    assert.equal(await shows(tab, ada.username), false)
  }
})

test('an answer that is overtaken by a login in the other tab is not shown', async (t) => {
  const [page, ada, bob] = [await newPage(t), somebody(), somebody()]
  await register(await newPage(t), bob)
  await register(page, ada)
  const tab = await page.context().newPage()
  const devtools = await page.context().newCDPSession(tab)
  let letGo
  const held = new Promise((done) => { letGo = done })
  const came = new Promise((done) => {
    devtools.on('Fetch.requestPaused', async ({ requestId }) => {
      const { body, base64Encoded } = await devtools.send('Fetch.getResponseBody', { requestId })
      done(base64Encoded ? Buffer.from(body, 'base64').toString() : body)
      await held
      await devtools.send('Fetch.continueRequest', { requestId }).catch(() => {}) // the page may have given it up
    })
  })
  await devtools.send('Fetch.enable', { patterns: [{ urlPattern: `${gateway}/graphql`, requestStage: 'Response', resourceType: 'Fetch' }] })
  await tab.goto(home)
  assert.ok((await came).includes(ada.username))
  await tab.evaluate((name) => {
    window.seen = false
    new MutationObserver(() => { window.seen ||= document.body.innerText.includes(name) }).observe(document.body, { childList: true, subtree: true, characterData: true })
  }, ada.username)
  await logout(page)
  await login(page, bob)
  await seesDashboard(page, bob)
  letGo()
  await seesDashboard(tab, bob)
  await tab.waitForTimeout(200) // for what must not come
  assert.equal(await tab.evaluate(() => window.seen), false)
})

test('a new tab where another user logs in sends the news to the old one, though it never learned who was there', async (t) => {
  const [page, ada, bob] = [await newPage(t), somebody(), somebody()]
  await register(await newPage(t), bob)
  await openAccount(page, ada)
  const tab = await page.context().newPage()
  await tab.route(`${gateway}/graphql`, (route) => (route.request().postData()?.includes('query Me') ? route.abort() : route.continue()))
  await tab.goto(`${home}/login`)
  await fill(tab, bob)
  await tab.getByRole('button', { name: 'Log in' }).click()
  await seesAccount(page, bob)
  assert.equal(await shows(page, ada.username), false)
})
