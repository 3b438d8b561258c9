// The pictures of the README, taken by `npm run screenshots`.
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { addTask, fill, gateway, home, login, newPage, openAccount, openRows, register, runInGraphiql, seesDashboard, somebody } from './stage.js'

const folder = fileURLToPath(new URL('../../../../docs/pictures/', import.meta.url))

for (const colorScheme of ['light', 'dark']) {
  test(`a picture of the login page, ${colorScheme}`, async (t) => {
    const page = await newPage(t, { colorScheme, viewport: { width: 480, height: 540 } })
    await page.goto(`${home}/login`)
    await fill(page, { username: 'ada', password: 'a long walk' })
    await page.getByLabel('Password', { exact: true }).blur()
    await page.screenshot({ path: `${folder}login-${colorScheme}.png` })
  })

  test(`a picture of the account page, ${colorScheme}`, async (t) => {
    const page = await newPage(t, { colorScheme, viewport: { width: 720, height: 720 } })
    const other = await newPage(t, { userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0' })
    const person = { ...somebody(), username: { light: 'emmy', dark: 'mary' }[colorScheme] }
    await openAccount(page, person)
    await login(other, person)
    await seesDashboard(other, person)
    await page.reload()
    await openRows(page, 'Devices')
    await page.getByText('Firefox').waitFor()
    await page.mouse.move(0, 0)
    await page.waitForTimeout(300) // for the arrow to turn
    await page.screenshot({ path: `${folder}account-${colorScheme}.png` })
  })

  test(`a picture of the home page with tasks, ${colorScheme}`, async (t) => {
    const page = await newPage(t, { colorScheme, viewport: { width: 720, height: 780 } })
    await register(page, { ...somebody(), username: { light: 'lise', dark: 'rosalind' }[colorScheme] })
    for (const title of ['Water the plants', 'Call the lighthouse', 'Learn to swim']) await addTask(page, title)
    await page.getByRole('checkbox', { name: 'Water the plants' }).check()
    await page.reload()
    await page.locator('.tasks s').waitFor()
    await page.mouse.move(0, 0)
    await page.evaluate(() => document.activeElement.blur())
    await page.screenshot({ path: `${folder}tasks-${colorScheme}.png` })
  })

  test(`a picture of GraphiQL, ${colorScheme}`, async (t) => {
    const page = await newPage(t, { colorScheme, viewport: { width: 1120, height: 500 } })
    await register(page, { ...somebody(), username: { light: 'ada', dark: 'grace' }[colorScheme] })
    await page.goto(`${gateway}/graphql`)
    await runInGraphiql(page, 'Me', 'query Me { me { id username createdAt } session { id expiresAt } }')
    await page.locator('.result-window .view-line', { hasText: 'expiresAt' }).waitFor()
    await page.getByRole('button', { name: 'Prettify query' }).click()
    await page.mouse.move(700, 500)
    await page.evaluate(() => document.activeElement.blur())
    await page.waitForTimeout(1000) // for the last movement to end
    await page.screenshot({ path: `${folder}graphiql-${colorScheme}.png` })
  })
}
