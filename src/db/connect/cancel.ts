// Ends a running statement by PostgreSQL's cancel request, which works through poolers; pg_cancel_backend with a pid does not.
import type { EventEmitter } from 'node:events'
import { Client, type ClientBase } from 'pg'

/** Members of a client and of `pg`'s connection that their types lack. */
interface SessionKeys {
  readonly processID: number | null
  readonly secretKey: number | null
}
interface Messenger {
  readonly sslNegotiation: string
  readonly connection: CancelConnection
}
interface CancelConnection extends EventEmitter {
  readonly stream: { destroy(): void }
  connect(portOrPath: number | string, host?: string): void
  requestSsl(): void
  cancel(processId: number, secretKey: number): void
}

/** Milliseconds for the request itself. */
const TIMEOUT = 1000

/** Resolves when the server has taken the request and closed its connection; the statement then fails with 57014. */
export async function cancelStatement(client: ClientBase, url: string): Promise<void> {
  const { processID, secretKey } = client as unknown as SessionKeys
  if (processID === null || secretKey === null) return
  const messenger = new Client({ connectionString: url }) // never connected itself: it knows host, port and TLS
  const { connection, sslNegotiation } = messenger as unknown as Messenger
  const done = new Promise<void>((resolve, reject) => {
    connection.once('end', resolve)
    connection.on('error', reject)
  })
  const timer = setTimeout(() => connection.stream.destroy(), TIMEOUT)
  const cancel = (): void => connection.cancel(processID, secretKey)
  connection.once('connect', () => {
    if (!messenger.ssl) cancel()
    else if (sslNegotiation !== 'direct') connection.requestSsl()
  })
  connection.once('sslconnect', cancel)
  if (messenger.host.startsWith('/'))
    connection.connect(`${messenger.host}/.s.PGSQL.${messenger.port}`)
  else connection.connect(messenger.port, messenger.host)
  await done.finally(() => clearTimeout(timer))
}
