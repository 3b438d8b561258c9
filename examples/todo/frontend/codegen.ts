import type { CodegenConfig } from '@graphql-codegen/cli'

// The gateway's schema and the task service's, as the gateway merges them. An app outside this repository uses what
// `gatelodge schema --merged` prints, or the address of a gateway with introspection on.
const config: CodegenConfig = {
  schema: process.env.GATELODGE_SCHEMA ?? ['../../../schema.graphql', '../tasks/tasks.graphql'],
  documents: 'src/**/*.{ts,tsx}',
  generates: {
    'src/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: { useTypeImports: true, enumsAsTypes: true, strictScalars: true, scalars: { DateTime: 'string', BigInt: 'number' } },
    },
  },
}

export default config
