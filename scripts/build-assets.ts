// Bundles the explorers into assets/, from npm packages, so that their pages ask nobody but this server.
import { build } from 'esbuild'
import type { BuildOptions } from 'esbuild'
import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const toPath = (relative: string): string => fileURLToPath(new URL(`../${relative}`, import.meta.url))

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
