// Bundles the explorers into assets/, from npm packages, so that their pages ask nobody but this server.
// `--if-absent` does nothing where they are newer than what they are made of.
import { build } from 'esbuild'
import type { BuildOptions } from 'esbuild'
import { existsSync, statSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const toPath = (relative: string): string =>
  fileURLToPath(new URL(`../${relative}`, import.meta.url))

/** The last file written, so that an interrupted build counts as none. */
const stamp = toPath('assets/built')

function isFresh(): boolean {
  if (!existsSync(stamp)) return false
  const built = statSync(stamp).mtimeMs
  return [
    'scripts/build-assets.ts',
    'scripts/explorers',
    'scripts/explorers/graphiql.js',
    'scripts/explorers/graphiql.css',
    'scripts/explorers/docs.js',
    'package-lock.json',
  ].every((source) => statSync(toPath(source)).mtimeMs < built)
}

const shared: BuildOptions = {
  absWorkingDir: toPath(''),
  bundle: true,
  minify: true,
  target: 'es2022',
  format: 'esm',
  define: { 'process.env.NODE_ENV': '"production"' },
  loader: { '.ttf': 'file', '.svg': 'dataurl', '.png': 'dataurl' },
  chunkNames: 'chunk-[hash]',
  assetNames: '[name]-[hash]',
  legalComments: 'linked',
  logLevel: 'warning',
}

if (process.argv.includes('--if-absent') && isFresh()) process.exit(0)
await rm(toPath('assets'), { recursive: true, force: true })
await Promise.all([
  build({
    ...shared,
    entryPoints: { graphiql: 'scripts/explorers/graphiql.js' },
    outdir: 'assets/graphiql',
    splitting: true,
  }),
  build({
    ...shared,
    entryPoints: {
      'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
      'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
      'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
    },
    outdir: 'assets/graphiql',
  }),
  build({ ...shared, entryPoints: { docs: 'scripts/explorers/docs.js' }, outdir: 'assets/docs' }),
])
await writeFile(stamp, '')
