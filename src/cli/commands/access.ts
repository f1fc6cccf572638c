// `bifrons access`: who may do what, why a request is refused, and which policies no test of the team notices.
import type { Command } from 'commander'
import { buildGatewayModel } from '../../server/gateway-model.ts'
import { readCaller } from '../access/caller.ts'
import { explain, explanationText } from '../access/explain.ts'
import { buildMatrix } from '../access/matrix.ts'
import { matrixTable } from '../access/matrix-table.ts'
import { mutate, type Mutated, mutationText } from '../access/mutate.ts'
import { CliError } from '../cli-error.ts'
import { loadGateway } from '../load-gateway.ts'
import { print } from '../terminal.ts'

const examples = `
Examples:
  bifrons access                                              the matrix, as tables
  bifrons access app/gateway.ts --json                        the matrix, a cell for each role, resource, field, verb and face
  bifrons access --explain 'GET /api/products?fields=cost' --as staff
  bifrons access --explain '{ products { nodes { cost } } }' --as '{"customerId":"…"}'
  bifrons access --mutate -- npm test                         takes each policy away and runs the tests

In the matrix, "some" depends on the row or on the claims; a note says how. No database is needed. Colours are off with NO_COLOR.
--mutate takes policies away in tests that open the gateway by openTestGateway of "bifrons/testing", and nowhere else.

Exit codes: 0 done, 1 a policy that no test notices, or a failure, 2 wrong usage, 130 stopped by Ctrl-C.`

export function define(command: Command): void {
  command
    .argument(
      '[gateway]',
      "the gateway's file or folder (default: gateway.ts here, in src/ or in app/)",
    )
    .argument('[command...]', 'with --mutate, behind --: the tests, such as npm test')
    .option('--json', 'print JSON')
    .option(
      '--explain <request>',
      'say which policy hides or refuses what of a request: "METHOD /path body", or a GraphQL document',
    )
    .option(
      '--as <caller>',
      'with --explain, who asks: anonymous, a role, or claims as JSON',
      'anonymous',
    )
    .option(
      '--mutate',
      'take each policy away, one at a time, run the tests, and list what none of them notices',
    )
    .option('--tests <command>', 'with --mutate, the tests as one text for the shell')
    .option('--limit <seconds>', 'with --mutate, how long one run of the tests may take')
    .addHelpText('after', examples)
    .action(access)
}

interface Options {
  readonly json?: true
  readonly explain?: string
  readonly as: string
  readonly mutate?: true
  readonly tests?: string
  readonly limit?: string
}

async function access(
  _given: string | undefined,
  _rest: readonly string[],
  options: Options,
  { args }: Command,
): Promise<void> {
  const dashes = process.argv.indexOf('--')
  const tests = dashes === -1 ? [] : process.argv.slice(dashes + 1)
  const [file, ...more] = args.slice(0, args.length - tests.length)
  if (more.length > 0)
    throw new CliError(`There is one gateway; ${more.join(' ')} is one too many.`, { exitCode: 2 })
  const { gateway } = await loadGateway(file)
  const model = buildGatewayModel(gateway)
  const show = (value: object, text: () => string): void =>
    print(options.json === true ? JSON.stringify(value, null, 2) : text())
  if (options.explain !== undefined) {
    const found = await explain(gateway, options.explain, (traced) =>
      readCaller(options.as, traced),
    )
    return show(found, () => explanationText(found))
  }
  if (options.mutate === true || tests.length > 0 || options.tests !== undefined) {
    const mutated = await mutate(gateway, toRun(options, tests))
    show(mutated, () => mutationText(mutated))
    process.exitCode = exitCodeOf(mutated)
    return
  }
  const matrix = buildMatrix(model)
  show(matrix, () =>
    matrixTable(matrix, {
      width: process.stdout.columns ?? 120,
      colors: process.stdout.hasColors?.() === true,
    }),
  )
}

function toRun({ mutate: isAsked, tests, limit }: Options, command: readonly string[]) {
  if (isAsked !== true) throw new CliError('Tests are run with --mutate.', { exitCode: 2 })
  if ((tests === undefined) === (command.length === 0))
    throw new CliError('Name the tests once: behind --, or as --tests.', { exitCode: 2 })
  const seconds = Number(limit ?? 1)
  if (!(seconds > 0)) throw new CliError('--limit is a number of seconds above 0.', { exitCode: 2 })
  return {
    command: tests === undefined ? command : [tests],
    ...(limit === undefined ? {} : { limit: seconds * 1000 }),
  }
}

function exitCodeOf({ done, stopped }: Mutated): number {
  if (stopped) return STOPPED
  return done.some(({ result }) => result === 'survived') ? 1 : 0
}

/** As shells say of what Ctrl-C has ended. */
const STOPPED = 130
