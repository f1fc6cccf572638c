// Errors that arrive while no statement runs: sessions, cursors and the embedded database's thread survive them.
import { Worker } from 'node:worker_threads'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ListeningClient } from '../../src/db/connect/listening-client.ts'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open.ts'
import { openWorkerStream } from '../../src/db/connect/worker-stream.ts'
import { createDatabase } from '../support/databases.ts'
import { type FatalProxy, openFatalProxy } from '../support/fatal-proxy.ts'

const ask = (text: string) => ({ text, values: [] })

/** A database by way of a proxy that has its orders already when the first session is opened. */
async function withProxy(
  strike: FatalProxy['strike'],
  work: (database: Database, proxy: FatalProxy) => Promise<void>,
): Promise<void> {
  const { url, drop } = await createDatabase('postgres')
  const proxy = await openFatalProxy(url)
  proxy.strike = strike
  const database = await openDatabase({
    url: proxy.url,
    poolMax: 2,
    statementTimeout: 5000,
    lockTimeout: 2000,
    idleInTransactionTimeout: 10_000,
    connectTimeout: 2000,
  })
  try {
    await work(database, proxy)
  } finally {
    await database.close()
    proxy.close()
    await drop()
  }
}

describe('a session that is lost', () => {
  it('as the database is opened is replaced', async () => {
    await withProxy(
      ({ connection, end }) => connection === 1 && end === 1,
      async (database, proxy) => {
        expect(proxy.deaths()).toBe(1)
        expect((await database.query(ask('select 1'))).rows).toEqual([['1']])
      },
    )
  })

  it('while a cursor is read ends that cursor, with UNAVAILABLE', async () => {
    await withProxy(
      () => false,
      async (database, proxy) => {
        const cursor = await database.openCursor?.(ask('select n from generate_series(1, 10) as n'))
        await cursor?.fetch(1, () => null)
        proxy.strikeAll()
        await expect(cursor?.fetch(1, () => null)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
        await cursor?.close()
        expect(proxy.deaths()).toBeGreaterThan(0)
        expect((await database.query(ask('select 1'))).rows).toEqual([['1']])
      },
    )
  })

  it('between two statements of a transaction ends that transaction, with UNAVAILABLE', async () => {
    await withProxy(
      () => false,
      async (database, proxy) => {
        const running = database.transaction(async (tx) => {
          await tx.query(ask('select 1'))
          proxy.strikeAll()
          await tx.query(ask('select 2'))
        })
        await expect(running).rejects.toMatchObject({ code: 'UNAVAILABLE' })
        expect((await database.query(ask('select 1'))).rows).toEqual([['1']])
      },
    )
  })

  it('is released although its connection stays open', async () => {
    await withProxy(
      () => false,
      async (database, proxy) => {
        proxy.staysOpen = true
        for (let i = 0; i < 4; i += 1) {
          // more than the pool has
          const running = database.query(ask('select 1 from pg_sleep(4)')) // a read would be tried again
          await sleep(300)
          proxy.strikeAll()
          await expect(running).rejects.toMatchObject({ code: 'UNAVAILABLE' })
        }
        expect(proxy.deaths()).toBeGreaterThanOrEqual(4)
        expect(await database.read(ask('select 1'), ({ rowCount }) => rowCount)).toBe(1)
      },
    )
  })

  it('has a listener before it is connected and after it has ended', async () => {
    const client = new ListeningClient({ host: '127.0.0.1', port: 1 })
    client.emit('error', new Error('a key that cannot be hashed'))
    expect(client.lost).toBe(true)
    await expect(client.connect()).rejects.toThrow('ECONNREFUSED')
    client.emit('error', new Error('late'))
  })
})

describe('the thread of the embedded database', () => {
  it('may fail more than once', async () => {
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true }) // Node takes the listeners off a thread that has ended
    const stream = openWorkerStream(worker)
    const failed = once(stream, 'error')
    worker.emit('error', new Error('first'))
    worker.emit('error', new Error('second'))
    expect(await failed).toMatchObject([
      { message: 'Connection terminated', cause: new Error('first') },
    ])
    await worker.terminate()
  })
})
