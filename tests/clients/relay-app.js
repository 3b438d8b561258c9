// A Relay app of its own for each test file: relay/, compiled against schema.graphql.
import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import compiler from 'relay-compiler'

export const app = await mkdtemp(join(tmpdir(), 'gatelodge-relay-'))
process.once('exit', () => rmSync(app, { recursive: true }))
await mkdir(join(app, 'generated'))
await cp(join(import.meta.dirname, 'relay'), join(app, 'src'), { recursive: true })
await cp(join(import.meta.dirname, '../../schema.graphql'), join(app, 'schema.graphql'))
await writeFile(join(app, 'relay.config.json'), JSON.stringify({
  src: 'src',
  schema: 'schema.graphql',
  artifactDirectory: 'generated',
  language: 'javascript',
  eagerEsModules: false,
  customScalarTypes: { DateTime: 'string' },
}))
export const compile = () => promisify(execFile)(compiler, ['relay.config.json'], { cwd: app, timeout: 60_000 })

// A failed compilation fails the whole test file: no test in it could pass.
await compile()

/** Returns the compiler's output, by name. */
export const generated = {}
for (const file of await readdir(join(app, 'generated'))) {
  generated[file.split('.')[0]] = createRequire(import.meta.url)(join(app, 'generated', file))
}

/** Returns a compiled operation, for example that of `query Me`. */
export function compiled(operation) {
  const { kind, name } = operation.match(/^(?<kind>query|mutation) (?<name>\w+)/).groups
  return { kind, node: generated[`Account${name}${kind === 'query' ? 'Query' : 'Mutation'}`] }
}
