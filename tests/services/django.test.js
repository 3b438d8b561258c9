// The old Django service after the import of its users: tasks_task.owner_id still matches.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { claimsOf, graphql, register, signIn, somebody, startGateway, tokenOf } from './gateway.js'
import { django, djangoSettings, python, startService, temporaryFolder } from './services.js'

const ada = { username: 'ada', password: 'a long walk by the river' }
const eve = { username: 'eve', password: 'an evening by the fire' }
const customer = { username: 'customer', password: ada.password }
let gateway, service

before(async () => {
  const folder = temporaryFolder()
  const env = { ...djangoSettings(folder), GATELODGE_PUBLIC_URL: 'http://localhost:1' }
  const old = { ...env, DJANGO_SETTINGS_MODULE: 'settings_before' }
  django(old, 'migrate', '--verbosity', '0')
  const run = (...args) => execFileSync(python, args, { env: { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: '1', ...old } })
  run(join(import.meta.dirname, 'django/old_service.py'))
  django(old, 'dumpdata', 'auth.user', '--output', join(folder, 'users.json'))

  gateway = await startGateway({ GATELODGE_TOKEN_EXTERNAL_ID: 'on' })
  gateway.run('user', 'import', '--from', 'django', join(folder, 'users.json'))
  // A user of another system, with a prefix before the id, and with the hash of ada's password.
  const hash = JSON.parse(readFileSync(join(folder, 'users.json'))).find(({ fields }) => fields.username === ada.username).fields.password
  writeFileSync(join(folder, 'shop.csv'), `external_id,username,password_hash\nshop-2,${customer.username},${hash}\n`)
  gateway.run('user', 'import', '--from', 'csv', join(folder, 'shop.csv'))
  run('-c', "import django; django.setup(); from django.contrib.auth.models import User; User.objects.filter(username='eve').update(is_active=False)")
  env.GATELODGE_PUBLIC_URL = gateway.url
  django(env, 'migrate', '--verbosity', '0')
  service = await startService('django', env)
})

const json = async (path, token) => (await service.get(path, token)).json()

test('an imported user has the tasks of before', async () => {
  const token = await tokenOf(gateway, await signIn(gateway, ada))
  assert.equal(claimsOf(token).external_id, '2')
  assert.equal((await json('/whoami', token)).row, 2)
  assert.deepEqual(await json('/tasks', token), { titles: ['task of ada'] })
})

test('a user who registers with the gateway gets one row, also when the name changes', async () => {
  const { users } = await json('/count')
  const person = somebody()
  const session = await register(gateway, person)
  // A page sends its first requests at once.
  const token = await tokenOf(gateway, session)
  const rows = await Promise.all(Array.from({ length: 8 }, async () => (await json('/whoami', token)).row))
  assert.deepEqual(new Set(rows).size, 1)
  assert.deepEqual(await json('/tasks', token), { titles: [] })

  const mutation = 'mutation ($input: ChangeUsernameInput!) { changeUsername(input: $input) { userErrors { code } } }'
  const username = `zoe-${person.username}`
  await graphql(gateway.url, mutation, { username }, session.cookie)
  const renamed = await tokenOf(gateway, session)
  const { row, name } = await json('/whoami', renamed)
  assert.deepEqual({ row, name }, { row: rows[0], name: username })
  assert.deepEqual(await json('/count'), { users: users + 1 })
})

test('a user with the name of an old row does not get it', async () => {
  const taken = await register(gateway, { username: 'root', password: 'violet harbour 42' })
  const { row } = await json('/whoami', await tokenOf(gateway, taken))
  assert.ok(row > 3)
})

test('a user of another system, whose id has a prefix, gets a new row', async () => {
  const token = await tokenOf(gateway, await signIn(gateway, customer))
  assert.equal(claimsOf(token).external_id, 'shop-2')
  assert.ok((await json('/whoami', token)).row > 3)
  assert.deepEqual(await json('/tasks', token), { titles: [] })
})

test('a user whom the service has turned off is nobody', async () => {
  const token = await tokenOf(gateway, await signIn(gateway, eve))
  assert.deepEqual(await json('/whoami', token), {})
  assert.equal((await service.get('/tasks', token)).status, 401)
})
