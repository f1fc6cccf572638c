// `npm run check`: types, layout, lint, import direction, dead code and generated files, side by side; `check.ts lint imports` runs those two only.
import { spawn } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { delimiter, join } from 'node:path'

interface Outcome {
  readonly ok: boolean
  /** One line for the summary. */
  readonly said: string
  /** What is wrong, as the tool prints it. */
  readonly details: string
}

interface Cruise {
  readonly modules: readonly { readonly source: string }[]
  readonly summary: {
    readonly violations: readonly {
      readonly rule: { readonly name: string }
      readonly from: string
      readonly to: string
      readonly cycle?: readonly { readonly name: string }[]
    }[]
  }
}

interface Lint {
  readonly number_of_files: number
  readonly diagnostics: readonly {
    readonly filename: string
    readonly message: string
    readonly code?: string
    readonly labels: readonly { readonly span: { readonly line: number } }[]
  }[]
}

const bin = join(import.meta.dirname, '../node_modules/.bin')
const folders = ['src', 'app', 'examples', 'test', 'scripts', 'bench'].filter((folder) =>
  existsSync(folder),
)

function run(
  tool: string,
  args: readonly string[],
): Promise<{ code: number; out: string; complaints: string }> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` }
    const child = spawn(tool, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let complaints = ''
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      out += chunk
    })
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      complaints += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, out, complaints }))
  })
}

const partition = (lines: readonly string[], test: (line: string) => boolean) =>
  [lines.filter((line) => test(line)), lines.filter((line) => !test(line))] as const

const filesUnder = (names: readonly string[]) =>
  globSync(
    names.map((name) => `${name}/**/*.ts`),
    { exclude: ['**/node_modules/**'] },
  )

/** A tool that looked at fewer files than there are has shown nothing, whatever it says. */
function guard(there: readonly string[], seen: ReadonlySet<string>, outcome: Outcome): Outcome {
  const missed = there.filter((file) => !seen.has(file))
  if (there.length > 0 && missed.length === 0) return outcome
  return {
    ok: false,
    said: `saw ${there.length - missed.length} of ${there.length} files`,
    details: missed.join('\n'),
  }
}

async function types(): Promise<Outcome> {
  const there = filesUnder(folders)
  const { code, out, complaints } = await run('tsc', [
    '--noEmit',
    '--pretty',
    'false',
    '--listFiles',
  ])
  const root = `${process.cwd()}/`
  const [listed, said] = partition(out.split('\n'), (line) =>
    /^\/.*[.](?:[cm]?tsx?|json)$/.test(line),
  )
  const seen = new Set(listed.map((line) => line.replace(root, '')))
  return guard(there, seen, {
    ok: code === 0,
    said: 'types',
    details: said.join('\n') + complaints,
  })
}

async function lint(): Promise<Outcome> {
  const there = filesUnder(folders).length
  const { code, out, complaints } = await run('oxlint', ['--format', 'json', '--deny-warnings'])
  if (!out.startsWith('{'))
    return { ok: false, said: 'oxlint did not run', details: out + complaints }
  const { diagnostics, number_of_files: seen }: Lint = JSON.parse(out)
  if (seen < there) return { ok: false, said: `saw ${seen} of ${there} files`, details: '' }
  const details = diagnostics.map(
    ({ filename, labels, code: rule = 'syntax', message }) =>
      `${filename}:${labels[0]?.span.line ?? 0}: ${message} ${rule}`,
  )
  return {
    ok: code === 0,
    said: `style and traps, ${seen} files`,
    details: details.toSorted().join('\n'),
  }
}

async function format(): Promise<Outcome> {
  const { code, out, complaints } = await run('oxfmt', ['--list-different', '.'])
  const details = code === 0 ? '' : `${out}${complaints}Run npm run format.`
  return { ok: code === 0, said: 'layout', details }
}

async function imports(): Promise<Outcome> {
  const cruised = folders.filter((folder) => ['src', 'app', 'examples'].includes(folder))
  const there = filesUnder(cruised)
  const { out, complaints } = await run('depcruise', [
    '--config',
    '.dependency-cruiser.mjs',
    '--output-type',
    'json',
    ...cruised,
  ])
  if (!out.startsWith('{'))
    return { ok: false, said: 'dependency-cruiser did not run', details: out + complaints }
  const { modules, summary }: Cruise = JSON.parse(out)
  const seen = new Set(modules.map(({ source }) => source))
  const details = summary.violations.map(
    ({ rule, from, to, cycle }) =>
      `${rule.name}: ${[from, ...(cycle?.map(({ name }) => name) ?? [to])].join(' -> ')}`,
  )
  return guard(there, seen, {
    ok: details.length === 0,
    said: `direction of imports, ${seen.size} modules`,
    details: details.join('\n'),
  })
}

async function dead(): Promise<Outcome> {
  const { code, out, complaints } = await run('knip', [
    '--no-progress',
    '--reporter',
    'compact',
    '--treat-config-hints-as-errors',
  ])
  const found = (out + complaints).trim()
  const stale = 'knip.json has an entry that is not needed; npx knip names it.' // this reporter prints no hints
  return {
    ok: code === 0,
    said: 'unused files, exports, packages',
    details: found === '' ? stale : found,
  }
}

async function generated(): Promise<Outcome> {
  const [written, typed] = await Promise.all([
    run('node', ['--conditions=source', generator, '--check']),
    run('graphql-codegen', ['--config', 'codegen.ts', '--check', '--errors-only']),
  ])
  const ok = written.code === 0 && typed.code === 0
  const details = [written, typed]
    .filter(({ code }) => code !== 0)
    .map(({ out, complaints }) => out + complaints)
    .join('\n')
  return {
    ok,
    said: ok ? `${written.out.trim()} So are the client's types.` : 'generated files',
    details,
  }
}

const generator = 'scripts/generate.ts'
const checks = {
  types,
  format,
  lint,
  imports,
  dead,
  ...(existsSync(generator) ? { generated } : {}),
} // a planted tree of the check's own test generates nothing

async function timed(name: string, check: () => Promise<Outcome>): Promise<boolean> {
  const start = performance.now()
  const { ok, said, details } = await check()
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(9)} ${said} (${seconds} s)`)
  if (!ok) console.log(`${details.trim().replaceAll(/^(?=.)/gm, '  ')}\n`)
  return ok
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in checks))
if (unknown.length > 0)
  throw new Error(
    `no check named ${unknown.join(', ')}; there are ${Object.keys(checks).join(', ')}`,
  )
const chosen = Object.entries(checks).filter(([name]) => asked.length === 0 || asked.includes(name))
const results = await Promise.all(chosen.map(([name, check]) => timed(name, check)))
process.exitCode = results.every(Boolean) ? 0 : 1
