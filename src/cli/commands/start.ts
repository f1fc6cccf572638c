// `bifrons start`: the server in production. It changes nothing in the database; SIGTERM stops it without losing what is in flight.
import type { Command } from 'commander'
import { pendingMigrations } from '../../db/migrate.ts'
import { runProcess, type Running, startServer } from '../../server/lifecycle.ts'
import { openGateway } from '../../server/open-gateway.ts'
import { CliError } from '../cli-error.ts'
import { readGatewayConfig } from '../gateway-database.ts'
import { loadGateway } from '../load-gateway.ts'
import { exitWith, say } from '../terminal.ts'

export interface ListenOptions {
  readonly port?: string
  readonly host?: string
}

export function define(command: Command): void {
  command
    .argument('[gateway]', 'the gateway\'s file or folder (default: gateway.ts here, in src/ or in app/)')
    .option('--port <number>', 'the port, over PORT')
    .option('--host <address>', 'the address, over HOST')
    .addHelpText('after', `
DATABASE_URL is required. GraphiQL, the REST reference and introspection are off unless GRAPHIQL, DOCS, INTROSPECTION say true.
SIGTERM: /readyz fails at once, the listener stays for SHUTDOWN_GRACE, what is in flight ends, then the process does.`)
    .action((given: string | undefined, options: ListenOptions) => runProcess(() => start(given, options).catch(exitWith), say))
}

async function start(given: string | undefined, { port, host }: ListenOptions): Promise<Running> {
  const { gateway, migrations } = await loadGateway(given)
  const config = readGatewayConfig(gateway, 'production', { PORT: port, HOST: host })
  const opened = await openGateway(gateway, config, { onNotice: say })
  try {
    const pending = await pendingMigrations(opened.database, migrations === undefined ? {} : { folder: migrations })
    if (pending.length > 0) throw new CliError(`Migrations are pending: ${pending.join(', ')}. Apply them with "bifrons migrate", then start.`)
  } catch (error) {
    await opened.app.close()
    await opened.database.close()
    throw error
  }
  return startServer(opened)
}
