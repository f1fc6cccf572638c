// The command line: a thin shell over the server. One file for each command in commands/; this one puts them together.
import { Command, CommanderError } from 'commander'
import { CliError } from './cli-error.ts'
import { addCheck } from './commands/check.ts'
import { addDev } from './commands/dev.ts'
import { addInit } from './commands/init.ts'
import { addKeys } from './commands/keys.ts'
import { addMigrate } from './commands/migrate.ts'
import { addPrint } from './commands/print.ts'
import { addStart } from './commands/start.ts'
import { version } from './package.ts'
import { reportError } from './terminal.ts'

const commands = [addInit, addDev, addStart, addMigrate, addCheck, addPrint, addKeys]

function buildProgram(): Command {
  const program = new Command('bifrons')
    .description('One declaration, two faces: GraphQL and REST over PostgreSQL.')
    .version(version)
    .option('--verbose', 'show where an error comes from')
    .showSuggestionAfterError()
    .showHelpAfterError('(--help says what there is)')
    .exitOverride()
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong usage.')
  for (const add of commands) add(program)
  return program
}

/** Runs one command; the process's exit code says how it went. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    await buildProgram().parseAsync([...argv])
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
