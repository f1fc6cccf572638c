// The settings for what is told of the schema, for the pages, and for GraphQL's documents.
import * as z from 'zod'
import { documentModes } from '../../graphql/document/listed-documents.ts'
import { documented, perMode } from './documented.ts'
import { fileList, toggle } from './value-forms.ts'

const offInProduction = perMode('true', 'false')

export const pageSettings = {
  introspection: toggle().register(documented, {
    name: 'INTROSPECTION',
    default: offInProduction,
    example: 'true',
    allowed: 'true or false',
    description:
      'Whether callers may learn the names of the schema: by introspection, at `/schema.graphql`, and in errors that list what there is. ' +
      'Where it is off, what a caller is denied for every row does not exist for them, on both faces.',
  }),
  graphqlDocuments: z.enum(documentModes).register(documented, {
    name: 'GRAPHQL_DOCUMENTS',
    default: 'any',
    example: 'trusted',
    allowed: documentModes.join(', '),
    description:
      'Which GraphQL documents are executed: `any`; `known`: those that clients have listed, by their text or their id; `trusted`: those alone, by their id.',
  }),
  graphqlDocumentFiles: fileList.optional().register(documented, {
    name: 'GRAPHQL_DOCUMENT_FILES',
    example: 'web/persisted-documents.json,mobile/manifest.json',
    allowed: 'paths of files, separated by commas',
    description:
      "The lists of documents that clients' builds write: GraphQL Code Generator's, Relay's or Apollo's. They are read at start.",
  }),
  graphiql: toggle().register(documented, {
    name: 'GRAPHIQL',
    default: offInProduction,
    example: 'true',
    allowed: 'true or false',
    description: 'Whether `/graphiql` is served. It needs `INTROSPECTION` to know the schema.',
  }),
  docs: toggle().register(documented, {
    name: 'DOCS',
    default: offInProduction,
    example: 'true',
    allowed: 'true or false',
    description:
      'Whether the REST reference at `/docs` and its document `/openapi.json` are served. Only where `INTROSPECTION` is on: the document has every name.',
  }),
}
