// A pool of connections to a PostgreSQL server, with its timeouts in the sessions or, behind a pooler, in the transactions.
import { Client, Pool, type PoolClient, type PoolConfig } from 'pg'
import type { Socket } from 'node:net'
import { Problem } from '../../errors.ts'
import type { Connections, Lease } from '../run/connection.ts'
import { cancelStatement } from './cancel.ts'
import { ListeningClient } from './listening-client.ts'
import { poolExhausted } from './pool-exhausted.ts'
import type { DatabaseOptions, PoolFigures } from '../database.ts'
import { openSocket } from './socket.ts'
import { isConnectionError, serverErrorOf } from '../sqlstate.ts'

/** Opens the pool with one connection, so that a wrong setting fails at the start. */
export async function openPostgres(options: DatabaseOptions): Promise<Connections> {
  const pool = buildPool(options, true)
  try {
    ;(await pool.connect()).release()
    return toConnections(pool, options, ['BEGIN'])
  } catch (error) {
    await pool.end()
    if (!/unsupported startup parameter/i.test(serverErrorOf(error)?.message ?? ''))
      throw toOpenProblem(error, options.url)
  }
  return openBehindPooler(options)
}

/** PgBouncer takes no timeouts at the start of a session, and a session's SET would leak to its next user. */
async function openBehindPooler(options: DatabaseOptions): Promise<Connections> {
  const pool = buildPool(options, false)
  try {
    const { rows } = await pool.query("select current_setting('statement_timeout') as timeout")
    if (rows[0]?.timeout === '0') {
      options.onNotice?.(
        'The connection goes through a pooler that takes no timeouts, and the role has none: ' +
          `ALTER ROLE … SET statement_timeout = '${options.statementTimeout}ms' lets the server end long statements.`,
      )
    }
    return toConnections(pool, options, [
      'BEGIN',
      `SET LOCAL statement_timeout = ${options.statementTimeout}`,
      `SET LOCAL lock_timeout = ${options.lockTimeout}`,
      `SET LOCAL idle_in_transaction_session_timeout = ${toServerIdle(options)}`,
    ])
  } catch (error) {
    await pool.end()
    throw toOpenProblem(error, options.url)
  }
}

/** Our own limit comes first and names the reason; the server's is for a process that hangs. */
const toServerIdle = ({ idleInTransactionTimeout }: DatabaseOptions): number =>
  idleInTransactionTimeout > 0 ? idleInTransactionTimeout + 1000 : 0

function buildPool(options: DatabaseOptions, timeouts: boolean): Pool {
  const config: PoolConfig = {
    Client: ListeningClient,
    connectionString: options.url,
    max: options.poolMax,
    connectionTimeoutMillis: options.connectTimeout,
    keepAlive: true,
    stream: openSocket as () => Socket, // which gets the connection's options: the types lack that
    fallback_application_name: 'bifrons',
    ...(timeouts && {
      statement_timeout: options.statementTimeout,
      lock_timeout: options.lockTimeout,
      idle_in_transaction_session_timeout: toServerIdle(options),
    }),
  }
  const pool = new Pool(config)
  // The pool emits the errors of idle clients as its own.
  pool.on('error', (error) => options.onError?.(error))
  return pool
}

function toConnections(
  pool: Pool,
  options: DatabaseOptions,
  begin: readonly string[],
): Connections {
  const coming = new Set<Promise<PoolClient>>()
  const lent = new Set<PoolClient>()
  const isBusy = (): boolean => lent.size >= options.poolMax
  const release = (client: PoolClient, broken: boolean): void => {
    lent.delete(client)
    client.release(broken)
  }
  const connect = async (): Promise<PoolClient> => {
    const connecting = pool.connect()
    coming.add(connecting)
    try {
      const client = await connecting
      lent.add(client)
      return client
    } catch (error) {
      throw isBusy() && isWaitOver(error) ? exhausted(pool) : error
    } finally {
      coming.delete(connecting)
    }
  }
  const renewal = openRenewal()
  return {
    kind: 'postgres',
    begin,
    async lease(since = 0) {
      for (;;) {
        const client = await connect()
        if (!isOlder(client, Math.max(since, renewal.since())))
          return toLease(client, options, {
            onReadOnly: renewal.renew,
            release: (broken) => release(client, broken),
          })
        release(client, true)
      }
    },
    queued: () => coming.size,
    pool: () => toFigures(pool, lent.size, options.poolMax),
    isBusy,
    knock: () => knock(options.url),
    async close() {
      // A pool that ends forgets who is in line; who was there before waits out its time.
      while (coming.size > 0) await Promise.allSettled(coming)
      await pool.end()
    },
  }
}

/** Connections that are being opened, which pg-pool counts among all, are not there yet. */
const toFigures = ({ idleCount: idle }: Pool, inUse: number, max: number): PoolFigures => ({
  max,
  size: idle + inUse,
  idle,
  inUse,
})

const isOlder = (client: PoolClient, than: number): boolean =>
  client instanceof ListeningClient && client.since < than

/** The shortest time between two renewals: a server that stays read-only must not cost each write the whole pool. */
const RENEWAL_INTERVAL_MS = 1000

/**
 * Since when connections are good. After a failover the old ones lead to a replica, the idle ones too. A new one resolves the
 * server's name again.
 */
function openRenewal() {
  let since = 0
  return {
    since: () => since,
    renew(): void {
      const now = performance.now()
      if (now - since >= RENEWAL_INTERVAL_MS) since = now
    },
  }
}

const KNOCK_TIMEOUT_MS = 1000

async function knock(url: string): Promise<void> {
  const client = new ListeningClient({
    connectionString: url,
    connectionTimeoutMillis: KNOCK_TIMEOUT_MS,
  })
  await client.connect()
  await client.end()
}

/** `pg-pool` says the same where a new connection takes too long; then not all are lent. */
const isWaitOver = (error: unknown): boolean =>
  error instanceof Error && error.message === 'timeout exceeded when trying to connect'

const exhausted = ({ totalCount, idleCount, waitingCount }: Pool): Problem =>
  poolExhausted('All connections to the database are in use. Try again.', {
    open: totalCount,
    idle: idleCount,
    waiting: waitingCount + 1, // the one that waits no longer
  })

function toLease(
  client: PoolClient,
  options: DatabaseOptions,
  { onReadOnly, release }: Pick<Lease, 'onReadOnly' | 'release'>,
): Lease {
  return {
    client,
    interrupt: () =>
      cancelStatement(client, options.url).catch((error: unknown) => options.onError?.(error)),
    onReadOnly,
    release: (broken) => release(broken || (client instanceof ListeningClient && client.lost)),
  }
}

/** What stopped the opening, for the operator. PostgreSQL's own sentence names roles and databases, never a password. */
function toOpenProblem(error: unknown, url: string): Problem {
  const server = serverErrorOf(error)
  const where = describeServer(url)
  if (server !== null)
    return new Problem('UNAVAILABLE', `${where} refuses the connection: ${server.message}.`, {
      cause: error,
    })
  const what = isConnectionError(error) ? 'cannot be reached' : 'cannot be used'
  return new Problem('UNAVAILABLE', `${where} ${what}: ${reasonOf(error)}.`, { cause: error })
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  return 'code' in error ? String(error.code) : error.message
}

function describeServer(url: string): string {
  try {
    const { host, port, database } = new Client({ connectionString: url })
    return `The database ${database ?? ''} at ${host}:${port}`
  } catch {
    return 'The database of the given URL (which cannot be parsed)'
  }
}
