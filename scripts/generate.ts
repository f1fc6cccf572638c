// `npm run generate`: writes every generated file; `--check` compares instead, and fails when one is stale.
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { configuration } from './generate/configuration.ts'
import { errors } from './generate/errors.ts'
import { operators } from './generate/operators.ts'
import { storeDocuments } from './generate/store-documents.ts'

const root = join(import.meta.dirname, '..')
const isCheck = process.argv.includes('--check')
const parts = await Promise.all([configuration(), errors(), operators(), storeDocuments()])
const files = parts.flatMap((part) => Object.entries(part))
const stale: string[] = []
for (const [name, text] of files) {
  const path = join(root, name)
  if (existsSync(path) && (await readFile(path, 'utf8')) === text) continue
  stale.push(name)
  if (isCheck) continue
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}
for (const name of stale)
  console.log(
    isCheck ? `${name} is not what the code says: run "npm run generate".` : `wrote ${name}`,
  )
if (stale.length === 0) console.log(`${files.length} generated files are up to date.`)
else if (isCheck) process.exitCode = 1
