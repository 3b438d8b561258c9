// The task list, which another service keeps. The page asks for everything at the gateway's one address.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  addTask, fill, gateway, home, isStack, login, logout, newPage, openAccount, register, seesAccount, seesDashboard, seesLogin, seesTasks, somebody,
  startTasks, stopTasks,
} from './stage.js'

const checkbox = (page, title) => page.getByRole('checkbox', { name: title, exact: true })
const isMark = (response) => response.request().postData()?.includes('mutation SetTaskDone') ?? false
const isUnavailable = (page) => page.getByRole('alert').filter({ hasText: 'The task list is not available right now. Please try again in a moment.' }).waitFor()

/** Sends an operation as the page would. Returns the text of the answer, because JSON.parse would change long numbers. */
const ask = (page, query, variables = '{}', more = {}) =>
  page.evaluate(async ([url, body, more]) => {
    const headers = { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json', ...more }
    const answer = await fetch(url, { method: 'POST', credentials: 'include', headers, body })
    return answer.text()
  }, [`${gateway}/graphql`, `{"query":${JSON.stringify(query)},"variables":${variables}}`, more])

test('tasks are added, marked as done and deleted, and a reload shows the same', async (t) => {
  const [page, ada] = [await newPage(t), somebody()]
  await register(page, ada)
  await page.getByText('Nothing to do yet.').waitFor()
  await addTask(page, 'Learn to swim')
  await addTask(page, 'Write a letter')
  await seesTasks(page, ['Learn to swim', 'Write a letter'])
  await Promise.all([page.waitForResponse(isMark), checkbox(page, 'Learn to swim').check()])
  await page.reload()
  await seesTasks(page, ['Learn to swim', 'Write a letter'])
  assert.deepEqual([await checkbox(page, 'Learn to swim').isChecked(), await checkbox(page, 'Write a letter').isChecked()], [true, false])

  await Promise.all([page.waitForResponse(isMark), checkbox(page, 'Learn to swim').uncheck()])
  await page.getByRole('button', { name: 'Delete Write a letter' }).click()
  await seesTasks(page, ['Learn to swim'])
  await page.reload()
  await seesTasks(page, ['Learn to swim'])
  assert.equal(await checkbox(page, 'Learn to swim').isChecked(), false)
})

test("the page asks for the user's name and tasks in one query at one address", async (t) => {
  const [page, ada] = [await newPage(t), somebody()]
  await register(page, ada)
  await addTask(page, 'Learn to swim')
  const addresses = new Set()
  const queries = []
  page.on('request', (request) => {
    if (request.method() !== 'POST') return
    addresses.add(request.url())
    queries.push(request.postDataJSON().query)
  })
  await page.reload()
  await seesTasks(page, ['Learn to swim'])
  assert.deepEqual([...addresses], [`${gateway}/graphql`])
  assert.equal(queries.filter((query) => /\bme\b/.test(query) && /\busername\b/.test(query) && /\btasks\b/.test(query)).length, 1)
})

test('a title that the service refuses is said at the field, and what was typed stays', async (t) => {
  const page = await newPage(t)
  await register(page, somebody())
  await fill(page, { task: 'x'.repeat(201) })
  await page.getByRole('button', { name: 'Add task' }).click()
  await page.getByText('Use at most 200 characters').waitFor()
  assert.equal((await page.getByLabel('New task').inputValue()).length, 201)
  await seesTasks(page, [])
})

test("two users never see each other's tasks", async (t) => {
  const [first, second, ada, bob] = [await newPage(t), await newPage(t), somebody(), somebody()]
  await register(first, ada)
  await register(second, bob)
  await addTask(first, 'Ada’s secret')
  await addTask(second, 'Bob’s secret')
  const { data: { tasks: [{ id }] } } = JSON.parse(await ask(first, '{ tasks { id } }'))

  for (const [page, title] of [[first, 'Ada’s secret'], [second, 'Bob’s secret']]) {
    await page.reload()
    await seesTasks(page, [title])
  }
  // Nor by the other's id of a task, in any operation.
  assert.deepEqual(JSON.parse(await ask(second, `{ node(id: "${id}") { id } }`)).data, { node: null })
  const done = await ask(second, `mutation { setTaskDone(input: { id: "${id}", done: true }) { task { title } userErrors { code } } }`)
  assert.deepEqual(JSON.parse(done).data.setTaskDone, { task: null, userErrors: [{ code: 'NOT_FOUND' }] })
  const deleted = await ask(second, `mutation { deleteTask(input: { id: "${id}" }) { deletedTaskId userErrors { code } } }`)
  assert.deepEqual(JSON.parse(deleted).data.deleteTask, { deletedTaskId: null, userErrors: [{ code: 'NOT_FOUND' }] })
  await first.reload()
  await seesTasks(first, ['Ada’s secret'])
})

test('the next user of the same browser sees no task of the one before', async (t) => {
  const [page, ada, bob] = [await newPage(t), somebody(), somebody()]
  await register(await newPage(t), bob)
  await register(page, ada)
  await addTask(page, 'Ada’s secret')
  await page.evaluate(() => {
    window.seen = false
    window.sameDocument = true
  })
  await logout(page)
  await page.evaluate(() => {
    new MutationObserver(() => { window.seen ||= document.body.innerText.includes('Ada’s secret') })
      .observe(document.body, { childList: true, subtree: true, characterData: true })
  })
  await fill(page, bob)
  await page.getByRole('button', { name: 'Log in' }).click()
  await seesDashboard(page, bob)
  await page.getByText('Nothing to do yet.').waitFor()
  assert.deepEqual(await page.evaluate(() => [window.sameDocument, window.seen]), [true, false])
})

test('a stranger gets nothing of the task service', async (t) => {
  const [page, ada] = [await newPage(t), somebody()]
  await register(await newPage(t), ada)
  await page.goto(home)
  await seesLogin(page)
  for (const query of ['{ tasks { id title } }', 'mutation { addTask(input: { title: "x" }) { task { id } } }']) {
    const { data, errors, extensions } = JSON.parse(await ask(page, query))
    assert.equal(data, null, query)
    assert.deepEqual(errors.map((error) => error.extensions.code), ['UNAUTHENTICATED'], query)
    assert.equal(extensions.identity, 'anonymous', query)
  }
  const { data, errors } = JSON.parse(await ask(page, '{ me { username tasks { id } } tasks { id } }'))
  assert.deepEqual(data, { me: null, tasks: null })
  assert.deepEqual(errors.map(({ path, extensions }) => [path, extensions.code]), [[['tasks'], 'UNAUTHENTICATED']])
})

test('headers that name a user do not make a stranger one, nor one user another', async (t) => {
  const [page, other, stranger, ada] = [await newPage(t), await newPage(t), await newPage(t), somebody()]
  await register(page, ada)
  await addTask(page, 'Ada’s secret')
  const { data: { me: { id } } } = JSON.parse(await ask(page, '{ me { id } }'))
  await register(other, somebody())
  await stranger.goto(home)
  await seesLogin(stranger)
  const headers = {
    'X-User-Id': id, 'Gatelodge-User-Id': id, Gatelodge_User_Id: id, 'Remote-User': ada.username, 'X-Forwarded-User': id, 'X-Hasura-User-Id': id,
    Authorization: `Bearer ${id}`,
  }
  const query = '{ tasks { title } }'
  assert.deepEqual(JSON.parse(await ask(other, query, '{}', headers)).data, { tasks: [] })
  const { data, errors } = JSON.parse(await ask(stranger, query, '{}', headers))
  assert.deepEqual([data, errors.map((error) => error.extensions.code)], [null, ['UNAUTHENTICATED']])
})

test('a number of 23 digits comes back as it was sent', async (t) => {
  const page = await newPage(t)
  await register(page, somebody())
  const number = '12345678901234567890123'
  const fields = '{ task { title externalNumber } userErrors { code } }'
  const added = `"task":{"title":"t","externalNumber":${number}},"userErrors":[]`
  const literal = await ask(page, `mutation { addTask(input: { title: "t", externalNumber: ${number} }) ${fields} }`)
  assert.ok(literal.includes(added), literal)
  const variable = await ask(page, `mutation ($input: AddTaskInput!) { addTask(input: $input) ${fields} }`, `{"input":{"title":"t","externalNumber":${number}}}`)
  assert.ok(variable.includes(added), variable)

  // Forwarded as it is, merged with the gateway's fields, and joined to the gateway's user.
  const numbers = `[{"externalNumber":${number}},{"externalNumber":${number}}]`
  for (const query of ['{ tasks { externalNumber } }', '{ session { id } tasks { externalNumber } }', '{ me { username tasks { externalNumber } } }']) {
    const answer = await ask(page, query)
    assert.ok(answer.includes(`"tasks":${numbers}`), answer)
  }
})

test('without the task service the page says so, login and account work, and a button brings the tasks back', { skip: isStack }, async (t) => {
  const [page, ada] = [await newPage(t), somebody()]
  await register(page, ada)
  await addTask(page, 'Learn to swim')
  await stopTasks()

  // Changes that fail.
  await checkbox(page, 'Learn to swim').click()
  await isUnavailable(page)
  await page.waitForFunction(() => !document.querySelector('.tasks [type=checkbox]').checked)
  await fill(page, { task: 'Write a letter' })
  await page.getByRole('button', { name: 'Add task' }).click()
  await page.locator('form [role=alert]').filter({ hasText: 'not available' }).waitFor()
  assert.equal(await page.getByLabel('New task').inputValue(), 'Write a letter')

  await page.reload()
  await seesDashboard(page, ada)
  await isUnavailable(page)
  assert.equal(await page.getByLabel('New task').count(), 0)

  await logout(page)
  await login(page, ada)
  await seesDashboard(page, ada)
  await isUnavailable(page)
  const other = await newPage(t)
  const bob = somebody()
  await openAccount(other, bob)
  await seesAccount(other, bob)

  await startTasks()
  await page.getByRole('button', { name: 'Try again' }).click()
  await seesTasks(page, ['Learn to swim'])
})

test('tasks change live in a second window, which stops at the logout and goes on after the next login', async (t) => {
  const [page, ada] = [await newPage(t), somebody()]
  const sockets = []
  const second = await page.context().newPage()
  for (const window of [page, second]) window.on('websocket', (socket) => sockets.push(socket))
  await register(page, ada)
  await second.goto(page.url())
  await seesTasks(second, [])
  await addTask(page, 'Learn to swim')
  await seesTasks(second, ['Learn to swim'])

  assert.ok(sockets.length >= 2)
  await logout(page)
  await seesLogin(second)
  for (const socket of sockets) if (!socket.isClosed()) await socket.waitForEvent('close')

  await login(page, ada)
  await seesTasks(second, ['Learn to swim'])
  await addTask(page, 'Write a letter')
  await seesTasks(second, ['Learn to swim', 'Write a letter'])
})
