import type { CodegenConfig } from '@graphql-codegen/cli'

// An app outside this repository uses its own copy of schema.graphql, or the address of a gateway with introspection on.
const config: CodegenConfig = {
  schema: process.env.GATELODGE_SCHEMA ?? '../../../schema.graphql',
  documents: 'src/**/*.{ts,tsx}',
  generates: {
    'src/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: { useTypeImports: true, enumsAsTypes: true, strictScalars: true, scalars: { DateTime: 'string' } },
    },
  },
}

export default config
