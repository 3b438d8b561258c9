// GraphiQL, which the gateway serves at its own address.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gateway, newPage, register, runInGraphiql, somebody } from './stage.js'

test('GraphiQL at the gateway logs in, and then knows who that is', async (t) => {
  const person = somebody()
  await register(await newPage(t), person)
  const page = await newPage(t)
  await page.goto(`${gateway}/graphql`)
  const shows = (text) => page.locator('.result-window .view-line', { hasText: text }).waitFor()
  await runInGraphiql(page, 'WhoAmI', 'query WhoAmI { me { username } }')
  await shows('"me": null')
  await runInGraphiql(page, 'Enter', `mutation Enter { login(input: { username: "${person.username}", password: "${person.password}" }) { user { id } } }`)
  await shows('"id": "user_')
  await runInGraphiql(page, 'WhoAmI', 'query WhoAmI { me { username } }')
  await shows(`"username": "${person.username}"`)
})

test('GraphiQL on a phone shows the operation and its answer one below the other, as wide as the screen', async (t) => {
  const page = await newPage(t, { viewport: { width: 390, height: 844 } })
  await page.goto(`${gateway}/graphql`)
  await runInGraphiql(page, 'Rules', 'query Rules { me { username } authSettings { passwordMinLength passwordMaxLength registrationOpen } }')
  await page.locator('.result-window .view-line', { hasText: '"me": null' }).waitFor()
  const [editor, answer] = [await page.locator('.graphiql-editors').boundingBox(), await page.locator('.graphiql-response').boundingBox()]
  for (const part of [editor, answer]) {
    assert.ok(part.x >= 0 && part.x + part.width <= 390 && part.width > 350, `from ${part.x}, ${part.width} wide`)
    assert.ok(part.height > 200, `${part.height} high`)
  }
  assert.ok(answer.y >= editor.y + editor.height)
  // The long line is wrapped, and all of it can be read.
  const lines = await page.locator('.graphiql-query-editor .view-line').evaluateAll((all) => all.map((line) => {
    const { left, right } = line.firstElementChild.getBoundingClientRect()
    return { left, right }
  }))
  assert.ok(lines.length > 1 && lines.every(({ left, right }) => left >= 0 && right <= 390), JSON.stringify(lines))
  for (const name of ['Execute query', 'Show Documentation Explorer', 'Open settings dialog']) {
    const { x, width } = await page.getByRole('button', { name }).boundingBox()
    assert.ok(x >= 0 && x + width <= 390, name)
  }
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390)
})
