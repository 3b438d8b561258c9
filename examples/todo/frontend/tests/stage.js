// Sets the stage for a test file: the real gateway with a database of its own, the task service behind it, the built frontend, a
// stranger's site, and a browser.
//
// Everything listens on a free port, yet keeps its documented address: the browser is told that localhost:8000 is over there. So
// the tests run beside whatever else is running, and what they prove is the frontend as built and the gateway's defaults.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import axe from 'axe-core'
import { chromium } from 'playwright-core'
import { preview } from 'vite'

// GATELODGE_STACK=28000,25173: a gateway and a page that run already, `docker compose up` for one, are tested as they are. The page
// then keeps its own port, for the gateway knows it by that; its gateway is at port 8000 still, as in the default build.
const stack = process.env.GATELODGE_STACK?.split(',')
const knownAs = stack?.[1] ?? 5173

/** The page as typed with this host name. */
export const homeAt = (host) => `http://${host}:${knownAs}`
export const home = homeAt('localhost')
export const gateway = 'http://localhost:8000'
/** Pages of strangers: to a page at localhost the first is another site, the second only another origin. */
export const otherSite = 'http://stranger.example'
export const otherOrigin = 'http://localhost:4000'

// What a test file adds to the address that it imports this from are settings for its gateway: './stage.js?GATELODGE_…=…'.
const settings = Object.fromEntries(new URL(import.meta.url).searchParams)
const program = resolve(process.env.GATELODGE_BIN ?? '../../../target/debug/gatelodge')
const tasks = resolve('../tasks')
/** Whether the gateway, the task service and the page run already, so that tests cannot stop them. */
export const isStack = stack !== undefined
let environment // of the gateway that is started here
let taskService // as well
const [gatewayPort, homePort] = stack ?? [await startGateway(), await startFrontend()]
const stranger = await startStranger()
const browser = await startBrowser()

async function startGateway() {
  const folder = await mkdtemp(join(tmpdir(), 'gatelodge-browser-'))
  const [port, tasksPort] = [await freePort(), await freePort()]
  await writeFile(join(folder, 'gatelodge.toml'), `
    [graphql-upstream]
    url = "http://127.0.0.1:${tasksPort}/graphql"
    audience = "tasks"
    schema = "${tasks}/tasks.graphql"
  `)
  environment = { // nothing else: the rest are the gateway's defaults
    PATH: process.env.PATH,
    RUST_LOG: 'warn',
    DATABASE_URL: `sqlite://${folder}/gatelodge.db?mode=rwc`,
    GATELODGE_LISTEN: `127.0.0.1:${port}`,
    GATELODGE_PUBLIC_URL: gateway,
    GATELODGE_ADMIN_LISTEN: 'off',
    GATELODGE_CONFIG: join(folder, 'gatelodge.toml'),
    ...settings,
  }
  const gatelodge = run(program, ['serve'], { cwd: folder, env: environment })
  taskService = {
    port: tasksPort,
    env: {
      PATH: process.env.PATH,
      PORT: String(tasksPort),
      TASKS_DATABASE: join(folder, 'tasks.db'),
      GATELODGE_PUBLIC_URL: gateway,
      GATELODGE_JWKS_URL: `http://127.0.0.1:${port}/.well-known/jwks.json`,
    },
  }
  after(async () => {
    await Promise.all([gatelodge.stop(), stopTasks()])
    await rm(folder, { recursive: true })
  })
  await Promise.all([gatelodge.answers(`http://127.0.0.1:${port}/readyz`), startTasks()])
  return port
}

/** Starts a program. */
function run(program, args, options) {
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options })
  const gone = new Promise((done) => child.once('close', done).once('error', done))
  process.once('exit', () => child.kill('SIGKILL'))
  return {
    stop() {
      child.kill()
      return gone
    },
    async answers(url) {
      for (const end = Date.now() + 30_000; ; await sleep(50)) {
        if (await fetch(url).then((answer) => answer.ok, () => false)) return
        assert.ok(child.exitCode === null && Date.now() < end, `${program} did not get ready`)
      }
    },
  }
}

/** Starts the task service. */
export async function startTasks() {
  taskService.process = run(process.execPath, ['server.js'], { cwd: tasks, env: taskService.env, stdio: ['ignore', 'ignore', 'inherit'] })
  await taskService.process.answers(`http://127.0.0.1:${taskService.port}/health`)
}

export const stopTasks = () => taskService.process.stop()

/** What the command line says on standard error, to a command for the database of the gateway that runs. */
export function commandLine(...command) {
  assert.ok(environment, 'a gateway that was not started here has a database that nobody knows')
  const { error, stderr } = spawnSync(program, command, { env: environment, encoding: 'utf8' })
  assert.ifError(error)
  return stderr
}

async function startFrontend() {
  const port = await freePort()
  const server = await preview({ preview: { port }, logLevel: 'error' })
  after(() => server.close())
  return port
}

async function startStranger() {
  const server = createServer((_, answer) => {
    answer.setHeader('Content-Type', 'text/html').end('<!doctype html><html lang="en"><title>A stranger</title>')
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  after(() => server.close().closeAllConnections())
  return server.address().port
}

async function startBrowser() {
  const places = Object.entries({
    'localhost:8000': gatewayPort, '127.0.0.1:8000': gatewayPort,
    [`localhost:${knownAs}`]: homePort, [`127.0.0.1:${knownAs}`]: homePort,
    [otherSite.slice(7)]: stranger, [otherOrigin.slice(7)]: stranger,
  })
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
      `--host-resolver-rules=${places.map(([name, port]) => `MAP ${name} 127.0.0.1:${port}`).join(',')}`,
    ],
  })
  after(() => browser.close())
  return browser
}

async function freePort() {
  const server = createServer()
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address()
  await new Promise((done) => server.close(done))
  return port
}

/** A browser of one's own: no cookie, no history. It is closed with the test, which fails when a script on its pages did. */
export async function newPage(t, options = {}) {
  const context = await browser.newContext(options)
  context.setDefaultTimeout(15_000)
  const errors = []
  context.on('weberror', (event) => errors.push(event.error()))
  t.after(async () => {
    await context.close()
    assert.deepEqual(errors, [])
  })
  return context.newPage()
}

let count = 0
/** Somebody nobody has heard of. */
export const somebody = () => ({ username: `ada-${process.pid}-${Date.now().toString(36)}-${++count}`, password: 'a long walk by the river' })

const labels = {
  username: 'Username', password: 'Password', confirmPassword: 'Confirm password', currentPassword: 'Current password',
  newPassword: 'New password', confirmNewPassword: 'Confirm new password', newUsername: 'New username', yourPassword: 'Your password', task: 'New task',
}

export async function fill(page, values) {
  for (const [name, value] of Object.entries(values)) await page.getByLabel(labels[name], { exact: true }).fill(value)
}

export async function register(page, person, at = home) {
  await page.goto(`${at}/register`)
  await fill(page, { ...person, confirmPassword: person.password })
  await page.getByRole('button', { name: 'Create account' }).click()
  await seesDashboard(page, person)
}

export async function login(page, person) {
  await page.goto(`${home}/login`)
  await fill(page, person)
  await page.getByRole('button', { name: 'Log in' }).click()
}

/** Registers somebody and opens their account page. */
export async function openAccount(page, person) {
  await register(page, person)
  await page.getByRole('link', { name: 'Your account' }).click()
  await seesAccount(page, person)
}

/** Opens rows of the account page. */
export async function openRows(page, ...titles) {
  for (const title of titles) await page.locator('summary', { has: page.getByRole('heading', { name: title, exact: true }) }).click()
}

export async function seesAccount(page, { username }) {
  await page.getByRole('heading', { name: 'Your account', exact: true }).waitFor()
  await page.getByRole('navigation').getByRole('link', { name: username, exact: true }).waitFor()
  assert.equal(new URL(page.url()).pathname, '/account')
}

export async function logout(page) {
  await page.getByRole('navigation').getByRole('button', { name: 'Log out', exact: true }).click()
  await seesLogin(page)
}

export async function seesDashboard(page, { username }) {
  await page.getByRole('heading', { name: `Hello, ${username}`, exact: true }).waitFor()
  assert.equal(new URL(page.url()).pathname, '/')
}

export async function seesLogin(page) {
  await page.getByRole('heading', { name: 'Log in' }).waitFor()
  assert.equal(new URL(page.url()).pathname, '/login')
}

export async function addTask(page, title) {
  await fill(page, { task: title })
  await page.getByRole('button', { name: 'Add task' }).click()
  await page.getByRole('checkbox', { name: title, exact: true }).waitFor()
}

/** Waits until the list has these tasks and no others. */
export async function seesTasks(page, titles) {
  const list = page.getByRole('list', { name: 'Your tasks' })
  await page.waitForFunction((count) => document.querySelectorAll('.tasks li').length === count && document.querySelector('.tasks ul'), titles.length)
  assert.deepEqual((await list.getByRole('checkbox').evaluateAll((all) => all.map((box) => box.labels[0].innerText.trim()))), titles)
}

/** What screen readers say when they reach the field: its message, whether it is wrong, and whether it has the focus. */
export async function described(page, label) {
  const field = page.getByLabel(label, { exact: true })
  const ids = (await field.getAttribute('aria-describedby') ?? '').split(' ')
  const id = ids.find((id) => id.endsWith('-problem'))
  const note = id ? await page.locator(`[id="${id}"]`).textContent() : ''
  return { note, wrong: await field.getAttribute('aria-invalid'), focused: await field.evaluate((it) => it === document.activeElement) }
}

export async function runInGraphiql(page, name, operation) {
  await page.locator('.graphiql-editor .view-lines').first().click()
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.insertText(operation)
  await page.getByRole('tab', { name }).waitFor() // GraphiQL takes a moment to read what is typed, and then names its tab after it
  await page.getByRole('button', { name: 'Execute query' }).click()
}

/** What axe finds to mend on the page, a line each. */
export async function accessibilityProblems(page) {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => window.axe.run())
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`))
}
