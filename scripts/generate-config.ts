// Writes app/.env.example and docs/reference/configuration.md from the configuration's schema; `--check` compares instead.
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toEnvExample } from '../src/cli/project/env-example.ts'
import { configReference } from '../src/server/config.ts'

type Variable = (typeof configReference)[number]

const code = (text: string): string => `\`${text}\``

function defaultText({ default: value }: Variable): string {
  if (value === undefined) return 'none'
  if (typeof value === 'string') return code(value)
  const inMode = (mode: 'development' | 'production'): string => (value[mode] === undefined ? 'none (required)' : code(value[mode]))
  return `${inMode('development')} in development, ${inMode('production')} in production`
}

function toReference(): string {
  return `# Configuration

<!-- Made by scripts/generate-config.ts from src/server/config.ts; do not edit. -->

Everything is set by environment variables. An empty variable counts as absent. What is wrong is told at start, all of it at once, and the
process ends with 1. What a team sets in \`gateway({ config: { … } })\` under the name given here stands unless the environment says otherwise.
\`bifrons dev\` is development, \`bifrons start\` production.

${configReference.map(toSection).join('\n')}`
}

function toSection(variable: Variable): string {
  const rows = [
    `In \`gateway\`: ${variable.key === 'jwtSecret' ? 'only the environment' : code(variable.key)}`,
    `Allowed: ${variable.allowed}`,
    `Default: ${defaultText(variable)}`,
    `Example: ${code(`${variable.name}=${variable.example}`)}`,
    ...(variable.secret ? ['A secret: its value appears in no message and no log line'] : []),
  ]
  return `## ${variable.name}\n\n${variable.description}\n\n${rows.map((row) => `- ${row}.`).join('\n')}\n`
}

const files: Readonly<Record<string, string>> = { 'app/.env.example': toEnvExample(), 'docs/reference/configuration.md': toReference() }
const check = process.argv.includes('--check')
for (const [name, text] of Object.entries(files)) {
  const path = fileURLToPath(new URL(`../${name}`, import.meta.url))
  const stored = existsSync(path) ? await readFile(path, 'utf8') : undefined
  if (stored === text) continue
  if (check) {
    process.stderr.write(`${name} is not what the configuration's schema says: run node scripts/generate-config.ts.\n`)
    process.exitCode = 1
  } else {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
}
