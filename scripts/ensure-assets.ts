// Builds the explorers' assets where a fresh checkout has none; `npm run build:assets` builds them in any case.
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const assets = join(import.meta.dirname, '../assets')
const complete = ['graphiql/graphiql.js', 'docs/docs.js'].every((file) =>
  existsSync(join(assets, file)),
)

if (!complete) {
  console.log('Building the explorers into assets/ (once)')
  await import('./build-assets.ts')
}
