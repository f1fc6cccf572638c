// The command line: a thin shell over the server. One file for each command in commands/; this one puts them together.
import { Command, CommanderError } from 'commander'
import { CliError } from './cli-error.ts'
import { version } from '../server/version.ts'
import { reportError } from './terminal.ts'

interface ListedCommand {
  readonly name: string
  readonly description: string
  /** Only what is asked for is loaded: the server's packages take a second. */
  readonly load: () => Promise<{ define(command: Command): void }>
}

const commands: readonly ListedCommand[] = [
  {
    name: 'init',
    description: 'Write a new project: a small sample, or one that serves an existing database.',
    load: () => import('./commands/init.ts'),
  },
  {
    name: 'dev',
    description:
      'Serve on this machine: apply migrations, seed an empty database, start again after every change.',
    load: () => import('./commands/dev.ts'),
  },
  {
    name: 'start',
    description: 'Serve in production. Refuses while migrations are pending.',
    load: () => import('./commands/start.ts'),
  },
  {
    name: 'migrate',
    description:
      "Apply pending migrations: the gateway's own tables, then the project's drizzle/ folder.",
    load: () => import('./commands/migrate.ts'),
  },
  {
    name: 'check',
    description:
      'Build the gateway and list every mistake of the declaration; say what is not served.',
    load: () => import('./commands/check.ts'),
  },
  {
    name: 'doctor',
    description:
      'Say whether configuration, database, migrations and tables are as the gateway needs them.',
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'access',
    description:
      'Say who may do what, why a request is refused, and which policies no test notices. No database is needed.',
    load: () => import('./commands/access.ts'),
  },
  {
    name: 'print',
    description: 'Print the GraphQL schema or the OpenAPI document. No database is needed.',
    load: () => import('./commands/print.ts'),
  },
  {
    name: 'parity',
    description:
      'Prove that both faces answer alike: random requests, compared, over a throwaway database.',
    load: () => import('./commands/parity.ts'),
  },
  {
    name: 'keys',
    description:
      'Make, list and revoke API keys. They are kept as hashes in the configured database.',
    load: () => import('./commands/keys.ts'),
  },
]

async function buildProgram(argv: readonly string[]): Promise<Command> {
  const program = new Command('bifrons')
    .description('One declaration, two faces: GraphQL and REST over PostgreSQL.')
    .version(version)
    .option('--verbose', 'show where an error comes from')
    .showSuggestionAfterError()
    .showHelpAfterError('(--help says what there is)')
    .exitOverride()
    .addHelpText(
      'after',
      '\n"bifrons help COMMAND" says more. Exit codes: 0 done, 1 failed, 2 wrong usage.',
    )
  for (const { name, description, load } of commands) {
    const command = program.command(name).description(description)
    if (argv.includes(name)) (await load()).define(command)
  }
  return program
}

/** Runs one command; the process's exit code says how it went. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    await (await buildProgram(argv)).parseAsync([...argv])
  } catch (error) {
    process.exitCode = toExitCode(error)
  }
}

function toExitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2 // it has said what is wrong
  reportError(error)
  return error instanceof CliError ? error.exitCode : 1
}

// whoever reads our output may have seen enough, as `| head` has
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

await main(process.argv)
