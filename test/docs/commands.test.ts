// Commands and options in the documentation exist.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { toSampleProject } from '../../src/cli/sample/files.ts'
import { allFences, type Fence, placeOf, root } from './pages.ts'
import { type Command, toCommands, toRequest } from './shell.ts'

/** Commands of the surroundings, which a reader has or replaces. */
const foreign = new Set(['git', 'cd', 'export', 'openssl', 'cp', 'rm', 'cat', 'psql'])
const variables = { TOKEN: 'token', STAFF: 'token', KEY: 'key', PORT: '3000' }

const blocks = allFences.filter(({ language }) =>
  ['sh', 'bash', 'shell', 'console'].includes(language),
)

/** The scripts that a reader has: of this repository, or in a block with `in=project` those that `bifrons init` writes. */
function scriptsFor({ attributes }: Fence): readonly string[] {
  const sample = toSampleProject({ name: 'sample', title: 'Sample' })['package.json'] ?? ''
  const manifest: { readonly scripts: object } = JSON.parse(
    attributes['in'] === 'project' ? sample : readFileSync(join(root, 'package.json'), 'utf8'),
  )
  return Object.keys(manifest.scripts)
}

const helps = new Map<string, Promise<string>>()

/** The help of a command of ours, or its message when there is no such command. */
function helpOf(words: readonly string[]): Promise<string> {
  const key = words.join(' ')
  const known = helps.get(key)
  if (known !== undefined) return known
  const args = ['--conditions=source', join(root, 'bin/bifrons.js'), ...words, '--help']
  const help = promisify(execFile)(process.execPath, args).then(
    ({ stdout }) => stdout,
    (error: { readonly stderr: string }) => `fault: ${error.stderr}`,
  )
  helps.set(key, help)
  return help
}

async function faultOfBifrons(args: readonly string[]): Promise<string | null> {
  const [name = '--help', second = ''] = args
  if (name.startsWith('-')) return null
  const help = await helpOf(name === 'keys' ? [name, second] : [name])
  if (help.startsWith('fault') || !help.includes(`bifrons ${name}`))
    return `bifrons ${name} is no command`
  const unknown = args.filter(
    (word) => word.startsWith('-') && !help.includes(word.split('=')[0] ?? ''),
  )
  return unknown.length === 0 ? null : `bifrons ${name} has no option ${unknown.join(', ')}`
}

function faultOfNpm(
  words: readonly string[],
  fence: Fence,
): string | null | Promise<string | null> {
  const [verb = '', ...args] = words.filter((word) => word !== '-s')
  if (['ci', 'install', 'pack'].includes(verb)) return null
  const script = verb === 'run' ? (args[0] ?? '') : verb
  if (!scriptsFor(fence).includes(script)) return `npm has no script ${script}`
  return script === 'bifrons' ? faultOfBifrons(args.slice(args.indexOf('--') + 1)) : null
}

/** Faults of a command, by its name. */
const judges: Readonly<
  Record<string, (args: readonly string[], fence: Fence) => string | null | Promise<string | null>>
> = {
  curl: (args) => (toRequest(['curl', ...args]).path === '' ? 'no path' : null), // throws on unknown options
  npm: faultOfNpm,
  bifrons: faultOfBifrons,
  npx: ([name = '', ...args]) =>
    name === 'bifrons'
      ? faultOfBifrons(args)
      : ['tsc', 'vitest', 'drizzle-kit'].includes(name)
        ? null
        : `npx ${name}`,
  node: (args) =>
    args.filter((word) => word.endsWith('.ts')).every((file) => existsSync(join(root, file)))
      ? null
      : `no file ${args.join(' ')}`,
}

async function faultOf(command: Command, fence: Fence): Promise<string | null> {
  const [name, ...args] = command.slice(command.findIndex((word) => !/^[A-Z_]+=/.test(word)))
  if (name === undefined || /^[A-Z_]+=/.test(name) || foreign.has(name)) return null
  const judge = judges[name]
  if (judge !== undefined) return judge(args, fence)
  return existsSync(join(root, name)) ? null : `${name} is no command that the tests know`
}

test.each(blocks.map((fence) => [placeOf(fence), fence] as const))(
  'the commands of %s',
  async (_, fence) => {
    const commands = toCommands(fence.text, variables)
    expect(commands.length).toBeGreaterThan(0)
    const faults = await Promise.all(commands.map((command) => faultOf(command, fence)))
    expect(faults.filter((fault) => fault !== null)).toEqual([])
  },
)
