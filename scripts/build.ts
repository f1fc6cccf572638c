// `npm run build`: dist/ as the package ships it: JavaScript with declarations, from an empty folder.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = join(import.meta.dirname, '..')
const outDir = resolve(root, process.argv[2] ?? 'dist')

rmSync(outDir, { recursive: true, force: true })
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json', '--outDir', outDir],
  {
    cwd: root,
    stdio: 'inherit',
  },
)
process.exitCode = status ?? 1
