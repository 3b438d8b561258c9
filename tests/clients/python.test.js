// Python's gql: runs the tests of account.py, and counts each of them as one here.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { startGateway } from './gateway.js'

const python = resolve(import.meta.dirname, process.env.PYTHON ?? '.venv/bin/python')
const gateway = await startGateway()

for (const transport of ['Requests', 'Httpx', 'Aiohttp']) {
  test(`gql by ${transport.toLowerCase()}`, async (t) => {
    const env = { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: '1', GATEWAY: gateway }
    const told = await new Promise((done) => {
      execFile(python, ['-m', 'unittest', '-v', `account.${transport}`], { cwd: import.meta.dirname, env, timeout: 60_000 }, (error, _, stderr) =>
        done({ error, stderr }))
    })
    const results = [...told.stderr.matchAll(/^test_(\w+) .*? \.\.\. (.*)$/gm)]
    for (const [, name, result] of results) await t.test(name.replaceAll('_', ' '), () => assert.equal(result, 'ok'))
    assert.equal(told.error, null, told.stderr)
    assert.equal(results.length, 6, told.stderr)
  })
}
