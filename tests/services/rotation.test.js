// Services go on when the gateway's keys are rotated: at once by schedule, and after their next look at the key set by `--now`.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { headerOf, register, somebody, startGateway, tokenOf } from './gateway.js'
import { startServices } from './services.js'

let gateway, services, session

before(async () => {
  gateway = await startGateway()
  session = await register(gateway, somebody())
  services = await startServices({ GATELODGE_PUBLIC_URL: gateway.url })
})

/** Waits until a condition holds, with a bound that no healthy machine needs. */
async function until(condition, what) {
  for (const end = Date.now() + 90_000; !(await condition()); await sleep(500)) assert.ok(Date.now() < end, what)
}

test('services take the tokens of the gateway, by the keys that they fetch from it', async () => {
  const token = await tokenOf(gateway, session)
  for (const { name, ask } of services) assert.deepEqual(await ask(token), { status: 200, user: session.user }, name)
})

test('after a rotation nothing changes for services', async () => {
  gateway.run('keys', 'rotate')
  const token = await tokenOf(gateway, session)
  for (const { name, ask } of services) assert.deepEqual(await ask(token), { status: 200, user: session.user }, name)
})

test('after `keys rotate --now` services fetch the new key, and refuse tokens of the old one', async () => {
  const old = await tokenOf(gateway, session)
  gateway.run('keys', 'rotate', '--now')
  const isNew = async () => headerOf(await tokenOf(gateway, session)).kid !== headerOf(old).kid
  await until(isNew, 'the gateway did not take up its new key')
  const token = await tokenOf(gateway, session)
  await Promise.all(services.map(({ name, ask }) => until(async () => (await ask(token)).user?.id === session.user.id, name)))
  for (const { name, ask, isRefused } of services) {
    // The plugin of Yoga keeps each key for ten minutes.
    if (name !== 'yoga') assert.ok(isRefused(await ask(old)), name)
  }
})
