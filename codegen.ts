// GraphQL Code Generator over the store: the types of the documents that the tests' client sends.
import type { CodegenConfig } from '@graphql-codegen/cli'
import { scalarTypes } from './src/graphql/schema/scalars.ts'

const config: CodegenConfig = {
  schema: 'app/schema.graphql',
  documents: ['test/client/documents.ts'],
  generates: {
    'test/client/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: 'string',
        scalars: scalarTypes(),
        strictScalars: true, // a scalar without a type here is an error
        useTypeImports: true,
        enumsAsTypes: true,
        importExtension: '.ts',
        emitLegacyCommonJSImports: false,
      },
    },
  },
}

export default config
