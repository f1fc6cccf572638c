// docs/reference/configuration.md and app/.env.example, from the configuration's schema.
import { toEnvExample } from '../../src/cli/project/env-example.ts'
import { configReference, isOnlyInEnvironment } from '../../src/server/config/config.ts'
import { code, type Generated, madeFrom } from './markdown.ts'

type Variable = (typeof configReference)[number]

export const configuration = async (): Promise<Generated> => ({
  'app/.env.example': toEnvExample(),
  'docs/reference/configuration.md': `# Configuration

${madeFrom('src/server/config/variables.ts')}

All settings are environment variables. An empty variable counts as absent. Wrong settings are reported at start, all at once, and the
process ends with 1. A team may also set a value in \`gateway({ config: { … } })\` under the name given here; an environment variable overrides it.
\`bifrons dev\` is development, \`bifrons start\` production.

${configReference.map(toSection).join('\n')}`,
})

function toSection(variable: Variable): string {
  const rows = [
    `In \`gateway\`: ${isOnlyInEnvironment(variable.key) ? 'only the environment' : code(variable.key)}`,
    `Allowed: ${variable.allowed}`,
    `Default: ${defaultText(variable)}`,
    `Example: ${code(`${variable.name}=${variable.example}`)}`,
    ...(variable.secret ? ['A secret: its value appears in no message and no log line'] : []),
  ]
  return `## ${variable.name}\n\n${variable.description}\n\n${rows.map((row) => `- ${row}.`).join('\n')}\n`
}

function defaultText({ default: value }: Variable): string {
  if (value === undefined) return 'none'
  if (typeof value === 'string') return code(value)
  const inMode = (mode: 'development' | 'production'): string =>
    value[mode] === undefined ? 'none (required)' : code(value[mode])
  return `${inMode('development')} in development, ${inMode('production')} in production`
}
