// From the configuration to the database: apart from the server, so that commands without one start without it.
import type { DatabaseOptions } from '../../db/database.ts'
import type { Relations } from '../../schema/declare/types.ts'
import type { Config } from './config.ts'

/** What the configuration says of the database; the commands that need nothing else open it by this too. */
export function toDatabaseOptions(
  { relations }: { readonly relations: Relations },
  config: Config,
  told: Pick<DatabaseOptions, 'onNotice' | 'onError'> = {},
): DatabaseOptions {
  return {
    url: config.databaseUrl,
    poolMax: config.databasePoolMax,
    statementTimeout: config.statementTimeout,
    lockTimeout: 2000,
    idleInTransactionTimeout: 10_000,
    connectTimeout: 2000,
    prepare: config.databasePrepare,
    relations,
    ...told,
  }
}
