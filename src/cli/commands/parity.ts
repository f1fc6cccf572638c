// `bifrons parity`: random requests through both faces of the gateway, over a throwaway database, until one is answered in two ways.
import { type Command, InvalidArgumentError } from 'commander'
import { checkParity } from '../../testing/load-parity.ts'
import { toText } from '../../parity/report.ts'
import { openTestGateway } from '../../testing/test-gateway.ts'
import { CliError } from '../cli-error.ts'
import { loadGateway } from '../load-gateway.ts'
import { print, say } from '../terminal.ts'
import { defined } from '../../defined.ts'

interface ParityFlags {
  readonly runs: number
  readonly seed?: number
  readonly path?: string
  readonly database?: string
  readonly copy?: true
  readonly scale: number
}

export function define(command: Command): void {
  command
    .argument(
      '[gateway]',
      "the gateway's file or folder (default: gateway.ts here, in src/ or in app/)",
    )
    .option('--runs <number>', 'pairs of requests', toNumber, 1000)
    .option('--seed <number>', 'which random requests (default: others each time)', toNumber)
    .option('--path <path>', 'where among them to begin: what a report of a difference says')
    .option(
      '--database <url>',
      'a postgres:// server, on which a database is made and dropped (default: the embedded database, in memory)',
    )
    .option(
      '--copy',
      'begin with a copy of the database that --database names, which nobody may be connected to, in place of the seed',
    )
    .option('--scale <number>', 'how much data the seed writes', toNumber, 1)
    .addHelpText(
      'after',
      `
Compared are values with all digits, order, counts, cursors, error codes, issues, and what is stored after a write.
No database that is there is written to. Exit codes: 0 no difference, 1 a difference, 2 wrong usage.`,
    )
    .action(parity)
}

function toNumber(text: string): number {
  const number = Number(text)
  if (!/^\d{1,10}$/.test(text) || number > 2 ** 31)
    throw new InvalidArgumentError('It is a whole number.')
  return number
}

const isServer = (url: string): boolean => /^postgres(ql)?:\/\//.test(url) && URL.canParse(url)

async function parity(
  given: string | undefined,
  { runs, seed, path, database, copy, scale }: ParityFlags,
): Promise<void> {
  if (database !== undefined && !isServer(database))
    throw new CliError('--database is postgres://USER:PASSWORD@HOST:PORT/DATABASE.', {
      exitCode: 2,
    })
  if (copy === true && database === undefined)
    throw new CliError('--copy needs --database, to say what to copy.', { exitCode: 2 })
  const { gateway, migrations } = await loadGateway(given)
  let told = Infinity
  const report = await checkParity({
    runs,
    ...defined({ seed, path }),
    open: () =>
      openTestGateway(gateway, {
        scale,
        onProgress: say,
        ...(copy === true ? { copy } : {}),
        ...defined({ server: database, migrations }),
      }),
    onPair(count) {
      if (count === 1) told = performance.now()
      if (performance.now() - told < 2000) return
      told = performance.now()
      say(`${count} of ${runs} pairs`)
    },
  })
  print(toText(report))
  if (report.difference !== null) throw new CliError('The faces differ.')
}
