// `bifrons print`: the GraphQL schema or the OpenAPI document, as the gateway serves it.
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { Argument, type Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { loadGateway } from '../load-gateway.ts'
import { say } from '../terminal.ts'
import { readPaths } from '../without-database.ts'

const paths = { graphql: '/schema.graphql', openapi: '/openapi.json' }

interface PrintOptions {
  readonly out?: string
  readonly check?: string
}

export function define(command: Command): void {
  command
    .addArgument(
      new Argument('<document>', 'the GraphQL schema or the OpenAPI document').choices(
        Object.keys(paths),
      ),
    )
    .argument(
      '[gateway]',
      "the gateway's file or folder (default: gateway.ts here, in src/ or in app/)",
    )
    .option('--out <file>', 'write it to a file')
    .option('--check <file>', 'compare it with a file, and fail when they differ')
    .addHelpText(
      'after',
      `
Examples:
  $ bifrons print graphql --out schema.graphql
  $ bifrons print openapi --check openapi.json    # in CI: is the committed file the one that is served?`,
    )
    .action(printDocument)
}

async function printDocument(
  document: keyof typeof paths,
  given: string | undefined,
  options: PrintOptions,
): Promise<void> {
  const again = `Write it again with "bifrons print ${document} --out ${options.check}".`
  if (options.check !== undefined && !existsSync(options.check))
    throw new CliError(`There is no file ${options.check}. ${again}`)
  const { gateway } = await loadGateway(given)
  const [body = ''] = await readPaths(gateway, [paths[document]])
  const text =
    document === 'openapi'
      ? `${JSON.stringify(JSON.parse(body), null, 2)}\n`
      : `${body.trimEnd()}\n`
  if (options.check !== undefined) await compare(options.check, text, again)
  if (options.out !== undefined) await writeFile(options.out, text)
  if (options.check === undefined && options.out === undefined) process.stdout.write(text)
}

async function compare(file: string, text: string, again: string): Promise<void> {
  const there = await readFile(file, 'utf8')
  if (there === text) return say(`${file} is up to date.`)
  throw new CliError(`${file} is not what the gateway serves:\n${summarize(there, text)}\n${again}`)
}

const SHOWN = 10

/** The lines that only one of them has, the first few of each. */
function summarize(before: string, after: string): string {
  const gone = only(before, after)
  const added = only(after, before)
  if (gone.length + added.length === 0) return '  the same lines in another order'
  const shown = [
    ...gone.slice(0, SHOWN).map((line) => `  - ${line}`),
    ...added.slice(0, SHOWN).map((line) => `  + ${line}`),
  ]
  const more = Math.max(gone.length - SHOWN, 0) + Math.max(added.length - SHOWN, 0)
  return [...shown, ...(more > 0 ? [`  and ${more} more lines`] : [])].join('\n')
}

function only(one: string, other: string): readonly string[] {
  const left = new Map<string, number>()
  for (const line of other.split('\n')) left.set(line, (left.get(line) ?? 0) + 1)
  return one.split('\n').filter((line) => {
    const times = left.get(line) ?? 0
    left.set(line, times - 1)
    return times <= 0
  })
}
