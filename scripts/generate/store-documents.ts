// app/schema.graphql and app/openapi.json: what the reference store serves, so that a change of either face shows up in review.
import store from '../../app/gateway.ts'
import { readPaths } from '../../src/cli/without-database.ts'
import type { Generated } from './markdown.ts'

/** The same text as `bifrons print` writes. */
export const storeDocuments = async (): Promise<Generated> => {
  const [schema = '', openapi = ''] = await readPaths(store, ['/schema.graphql', '/openapi.json'])
  return {
    'app/schema.graphql': `${schema.trimEnd()}\n`,
    'app/openapi.json': `${JSON.stringify(JSON.parse(openapi), null, 2)}\n`,
  }
}
