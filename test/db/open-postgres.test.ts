// Failures that only a server has: full pools, killed backends, cancelled statements, serialization failures.
import { createServer, connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import type { Database, Transaction } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open.ts'
import { Problem } from '../../src/errors.ts'
import { administer, createDatabase, onDatabase } from '../support/databases.ts'

const statement = (text: string) => ({ text, values: [] })
const BUSY = 'select 1 from pg_sleep(5) /* busy */'

onDatabase('postgres', (open) => {
  let database: Database
  beforeAll(async () => {
    database = await open()
    await database.query(statement('create table counters (id int primary key, n int not null)'))
    await database.query(statement('insert into counters values (1, 0), (2, 0)'))
  })

  const runningElsewhere = async (pattern: string): Promise<string> => {
    const { rows } = await database.query({
      text: "select count(*) from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and query like $1",
      values: [pattern],
    })
    return rows[0]?.[0] ?? ''
  }

  describe('a statement', () => {
    it('is cancelled in the database when its signal aborts, and the connection stays usable', async () => {
      const controller = new AbortController()
      const reason = new Problem('TIMEOUT', 'The request took too long.')
      const running = database.query(statement(BUSY), { signal: controller.signal })
      await sleep(200)
      expect(await runningElsewhere('%busy%')).toBe('1')
      controller.abort(reason)
      await expect(running).rejects.toBe(reason)
      await expect.poll(() => runningElsewhere('%busy%')).toBe('0')
      await expect(
        database.query(statement('select 1'), { signal: controller.signal }),
      ).rejects.toBe(reason)
    })

    it('runs on although the caller of a statement before it on the same connection has left', async () => {
      const small = await open({ poolMax: 1 })
      const [left, read] = [
        small.read(statement(BUSY), () => null, { signal: AbortSignal.timeout(200) }),
        small.read(statement('select 1 from pg_sleep(1.6)'), () => 'read'), // longer than a cancelled statement may run on
      ]
      await expect(left).rejects.toMatchObject({ code: 'TIMEOUT' })
      expect(await read).toBe('read')
    })

    it('is cancelled as soon as it begins when its caller left while another ran before it', async () => {
      const small = await open({ poolMax: 1 })
      const [before, left, after] = [
        small.read(statement('select 1 from pg_sleep(0.5)'), () => 'before'),
        small.read(statement(BUSY), () => null, { signal: AbortSignal.timeout(100) }),
        small.read(statement('select 1'), () => 'after'),
      ]
      await expect(left).rejects.toMatchObject({ code: 'TIMEOUT' })
      const start = performance.now()
      expect([await before, await after]).toEqual(['before', 'after'])
      expect(performance.now() - start).toBeLessThan(2500)
      expect(await runningElsewhere('%busy%')).toBe('0')
    })

    it('ends at the statement timeout', async () => {
      const short = await open({ statementTimeout: 300, poolMax: 1 })
      const start = Date.now()
      await expect(short.query(statement(BUSY))).rejects.toMatchObject({ code: 'TIMEOUT' })
      expect(Date.now() - start).toBeLessThan(1500)
      expect((await short.query(statement('select 2'))).rows).toEqual([['2']])
    })

    it('waits for a lock no longer than the lock timeout', async () => {
      const short = await open({ url: await urlOf(database), lockTimeout: 200 })
      await database.transaction(async (tx) => {
        await tx.query(statement('update counters set n = n where id = 1'))
        await expect(
          short.query(statement('update counters set n = 5 where id = 1')),
        ).rejects.toMatchObject({ code: 'TIMEOUT' })
      })
    })
  })

  describe('the pool', () => {
    it('answers UNAVAILABLE with retry-after when no connection is released in time', async () => {
      const small = await open({ poolMax: 1, connectTimeout: 500 })
      const holding = small.query(statement('select pg_sleep(1.5)'))
      const start = Date.now()
      await expect(small.query(statement('select 1'))).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: 'All connections to the database are in use. Try again.',
        issues: [{ code: 'pool_exhausted' }],
        headers: { 'retry-after': '1' },
        cause: {
          code: 'pool_exhausted',
          message: 'No connection became free in time: 1 are open, 0 idle, 1 requests wait.',
        },
      })
      await small.probe({ signal: AbortSignal.timeout(1000) }) // the database answers, busy as it is
      expect(Date.now() - start).toBeGreaterThan(400)
      expect(Date.now() - start).toBeLessThan(1400)
      await holding
      expect((await small.query(statement('select 1'))).rows).toEqual([['1']])
    })

    it('releases a connection that arrives after its caller has disconnected', async () => {
      const small = await open({ poolMax: 1 })
      const holding = small.query(statement('select pg_sleep(0.5)'))
      await expect(
        small.query(statement('select 1'), { signal: AbortSignal.timeout(100) }),
      ).rejects.toMatchObject({ code: 'TIMEOUT' })
      await holding
      expect((await small.query(statement('select 3'))).rows).toEqual([['3']])
    })

    it('survives killed backends, idle and busy ones', async () => {
      const errors: unknown[] = []
      const struck = await open({ onError: (error) => errors.push(error) })
      const url = await urlOf(struck)
      const kill =
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'
      const busy = struck.query(statement(BUSY))
      const inside = struck.transaction(async (tx) => {
        await tx.query(statement('select 1'))
        await sleep(300)
        await tx.query(statement('select 2'))
      })
      await struck.query(statement('select 1')) // one more, that is idle
      await Promise.all([
        expect(busy).rejects.toMatchObject({
          code: 'UNAVAILABLE',
          headers: { 'retry-after': '1' },
        }),
        expect(inside).rejects.toMatchObject({ code: 'UNAVAILABLE' }),
        sleep(100).then(() => administer(kill, url)),
      ])
      expect((await struck.query(statement('select 1'))).rows).toEqual([['1']])
      expect(await struck.transaction((tx) => tx.query(statement('select 2')))).toMatchObject({
        rows: [['2']],
      })
      expect(errors.length).toBeGreaterThan(0)
    })
  })

  describe('a transaction', () => {
    const increment = async (tx: Transaction): Promise<void> => {
      await tx.query(statement('set transaction isolation level serializable'))
      const { rows } = await tx.query(statement('select n from counters where id = 1'))
      await sleep(20)
      await tx.query({
        text: 'update counters set n = $1 where id = 1',
        values: [String(Number(rows[0]?.[0]) + 1)],
      })
    }

    it('runs again after a serialization failure', async () => {
      let attempts = 0
      const both = [1, 2].map(() =>
        database.transaction(async (tx) => {
          attempts += 1
          await increment(tx)
        }),
      )
      await Promise.all(both)
      expect((await database.query(statement('select n from counters where id = 1'))).rows).toEqual(
        [['2']],
      )
      expect(attempts).toBeGreaterThan(2)
    })

    it('gives up after three attempts with UNAVAILABLE', async () => {
      let attempts = 0
      const url = await urlOf(database)
      const losing = database.transaction(async (tx) => {
        attempts += 1
        await tx.query(statement('set transaction isolation level repeatable read'))
        await tx.query(statement('select n from counters where id = 2'))
        await administer('update counters set n = n + 1 where id = 2', url)
        await tx.query(statement('update counters set n = 100 where id = 2'))
      })
      await expect(losing).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        headers: { 'retry-after': '1' },
      })
      expect(attempts).toBe(3)
    })

    it('runs again after a deadlock', async () => {
      const cross = (first: number, second: number) =>
        database.transaction(async (tx) => {
          await tx.query(statement(`update counters set n = n + 1 where id = ${first}`))
          await sleep(100)
          await tx.query(statement(`update counters set n = n + 1 where id = ${second}`))
        })
      const before = (await database.query(statement('select sum(n) from counters'))).rows[0]?.[0]
      await Promise.all([cross(1, 2), cross(2, 1)])
      expect((await database.query(statement('select sum(n) from counters'))).rows[0]?.[0]).toBe(
        String(Number(before) + 4),
      )
    })

    it('fails when COMMIT fails', async () => {
      await database.query(
        statement('create table deferred (id int unique deferrable initially deferred)'),
      )
      const writing = database.transaction((tx) =>
        tx.query(statement('insert into deferred values (1), (1)')),
      )
      await expect(writing).rejects.toMatchObject({ code: 'CONFLICT' })
    })

    it('is rolled back and its statement cancelled when its signal aborts', async () => {
      const controller = new AbortController()
      const running = database.transaction(
        async (tx) => {
          await tx.query(statement('update counters set n = -1 where id = 2'))
          await tx.query(statement(BUSY))
        },
        { signal: controller.signal },
      )
      await sleep(200)
      controller.abort()
      await expect(running).rejects.toMatchObject({ code: 'TIMEOUT' })
      await expect.poll(() => runningElsewhere('%busy%')).toBe('0')
      expect(
        (await database.query(statement('select n from counters where id = 2'))).rows,
      ).not.toEqual([['-1']])
    })

    it('ends when it is idle for too long, and releases its locks', async () => {
      const strict = await open({ url: await urlOf(database), idleInTransactionTimeout: 200 })
      const idle = strict.transaction(async (tx) => {
        await tx.query(statement('update counters set n = -1 where id = 2'))
        await sleep(2000)
      })
      await expect(idle).rejects.toMatchObject({ code: 'TIMEOUT' })
      await database.query(statement('update counters set n = 7 where id = 2'))
    })
  })

  describe('behind a pooler that refuses startup parameters', () => {
    it('transactions set their own timeouts, and a notice names the settings that the role lacks', async () => {
      const notices: string[] = []
      const pooler = await openRefusingProxy(inject('postgresUrl'))
      const url = new URL(await urlOf(database))
      url.port = String(pooler.port)
      const behind = await openDatabase({
        url: url.href,
        poolMax: 2,
        statementTimeout: 300,
        lockTimeout: 150,
        idleInTransactionTimeout: 5000,
        connectTimeout: 2000,
        onNotice: (notice) => notices.push(notice),
      })
      const shown = await behind.transaction((tx) =>
        tx.query(
          statement("select current_setting('statement_timeout'), current_setting('lock_timeout')"),
        ),
      )
      expect(shown.rows).toEqual([['300ms', '150ms']])
      await expect(behind.query(statement(BUSY))).rejects.toMatchObject({ code: 'TIMEOUT' })
      expect(notices).toEqual([expect.stringContaining('ALTER ROLE')])
      await behind.close()
      pooler.close()
    })

    it('prepared statements are switched off when it mixes them up', async () => {
      const notices: string[] = []
      const mixed = await open({ poolMax: 1, onNotice: (notice) => notices.push(notice) })
      const prepared = { text: 'select 1', values: [], name: 'mine' }
      await mixed.query(prepared)
      await mixed.query(statement('deallocate all')) // as if the next client got another server connection
      expect((await mixed.query(prepared)).rows).toEqual([['1']])
      expect((await mixed.query(prepared)).rows).toEqual([['1']])
      expect(notices).toEqual([expect.stringContaining('switched off')])
    })
  })
})

describe('opening', () => {
  const openAt = (url: string) =>
    openDatabase({
      url,
      poolMax: 1,
      statementTimeout: 1000,
      lockTimeout: 1000,
      idleInTransactionTimeout: 1000,
      connectTimeout: 1000,
    })

  it('names the fault without the password', async () => {
    const server = new URL(inject('postgresUrl'))
    const wrong = [
      [`postgres://someone:s3cret@${server.host}/postgres`, /password authentication failed/],
      [`${server.href}_none`, /"postgres_none" does not exist/],
      [
        'postgres://someone:s3cret@127.0.0.1:1/x',
        /database x at 127\.0\.0\.1:1 cannot be reached: ECONNREFUSED/,
      ],
      ['postgres://someone:s3cret@host.invalid/x', /host\.invalid:5432 cannot be reached/],
      [`${server.href}?sslmode=verify-full`, /does not support SSL/],
      ['mysql://someone:s3cret@127.0.0.1/x', /must begin with postgres:/],
      ['postgres://someone:s3cret@127.0.0.1:99999999/x', /./],
      ['pglite:', /names no folder/],
    ] as const
    for (const [url, message] of wrong) {
      const error = await openAt(url).catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(Problem)
      expect(error).toMatchObject({ message })
      expect(String(error)).not.toContain('s3cret')
    }
  })

  it('refuses a database that writes dates or texts in another way', async () => {
    const { url, drop } = await createDatabase('postgres')
    const name = new URL(url).pathname.slice(1)
    await administer(`alter database ${name} set DateStyle = 'SQL, DMY'`)
    await expect(openAt(url)).rejects.toMatchObject({ message: /writes dates as SQL, DMY/ })
    await drop()
    await administer(
      `create database ${name} encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0`,
    )
    await expect(openAt(url)).rejects.toMatchObject({ message: /encoding is LATIN1/ })
    await drop()
  })
})

async function urlOf(database: Database): Promise<string> {
  const { rows } = await database.query(statement('select current_database()'))
  const url = new URL(inject('postgresUrl'))
  url.pathname = rows[0]?.[0] ?? ''
  return url.href
}

/** A server in front of the server that refuses one startup parameter as PgBouncer does, and passes everything else on. */
async function openRefusingProxy(target: string): Promise<{ port: number; close: () => void }> {
  const { hostname, port } = new URL(target)
  const proxy = createServer((socket) => {
    socket.once('data', (startup) => {
      if (startup.includes('statement_timeout')) {
        const fields = 'SFATAL\0C08P01\0Munsupported startup parameter: statement_timeout\0\0'
        const message = Buffer.alloc(5 + fields.length)
        message.write('E')
        message.writeInt32BE(4 + fields.length, 1)
        message.write(fields, 5)
        socket.end(message)
        return
      }
      const upstream = connect(Number(port), hostname)
      upstream.write(startup)
      socket.pipe(upstream).pipe(socket)
      upstream.on('error', () => socket.destroy())
      socket.on('error', () => upstream.destroy())
    })
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve)
  })
  const { port: own } = proxy.address() as AddressInfo // it listens on a port
  return { port: own, close: () => proxy.close() }
}
