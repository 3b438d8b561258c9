// GraphiQL, which the gateway serves at its own address.
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
