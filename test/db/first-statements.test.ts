// What a transaction, a cursor or a connection is first asked for: it keeps its place, and what cannot be sent harms no other.
import { sql } from 'drizzle-orm'
import { integer, pgTable } from 'drizzle-orm/pg-core'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { boundAnswer } from '../../src/answer-bytes.ts'
import type { Database } from '../../src/db/database.ts'
import { openDatabaseOrWait } from '../../src/db/open.ts'
import { createDatabase, eachDatabase, onDatabase } from '../support/databases.ts'
import { freePort } from '../support/embedded-postgres.ts'
import { type FaultyProxy, loseAnswerOf, openFaultyProxy } from '../support/faulty-proxy.ts'

const parents = pgTable('parents', { id: integer().primaryKey() })
const children = pgTable('children', {
  id: integer().primaryKey(),
  parent: integer().references(() => parents.id),
})

const ask = (text: string, values: unknown[] = []) => ({ text, values })
const CREATE = [
  'create table parents (id int primary key)',
  'create table children (id int primary key, parent int references parents)',
]

eachDatabase((_kind, open) => {
  let database: Database
  beforeAll(async () => {
    database = await open({ poolMax: 1 })
    for (const statement of CREATE) await database.query(ask(statement))
  })
  beforeEach(async () => {
    await database.query(ask('truncate parents, children'))
  })
  const count = async () => (await database.query(ask('select count(*) from parents'))).rows[0]?.[0]

  describe("the driver's first statement in a transaction", () => {
    test('is rolled back where other work of its turn fails before BEGIN is answered', async () => {
      const failing = database.transaction(async (tx) => {
        const drizzle = tx.drizzle as NodePgDatabase
        await Promise.all([
          drizzle.insert(parents).values({ id: 1 }),
          Promise.reject(new RangeError('no')),
        ])
      })
      await expect(failing).rejects.toThrow('no')
      expect(await count()).toBe('0')
    })

    test('that was given up before it was sent leaves BEGIN to the next one', async () => {
      const signal = AbortSignal.abort(new Error('gone'))
      const failing = database.transaction(async (tx) => {
        await expect(tx.query(ask('select 1'), { signal })).rejects.toMatchObject({
          code: 'TIMEOUT',
        })
        await tx.query(ask('insert into parents values (1)'))
        throw new RangeError('undone')
      })
      await expect(failing).rejects.toThrow('undone')
      expect(await count()).toBe('0')
    })

    test('runs before the second of its turn', async () => {
      await database.transaction(async (tx) => {
        const drizzle = tx.drizzle as NodePgDatabase
        await Promise.all([
          drizzle.insert(parents).values({ id: 1 }),
          drizzle.insert(children).values({ id: 1, parent: 1 }),
        ])
      })
      expect(await count()).toBe('1')
    })

    test('runs before COMMIT where it is not awaited, and its error ends the transaction', async () => {
      const unawaited = (id: number) =>
        database.transaction((tx) => {
          const inserting = (tx.drizzle as NodePgDatabase).insert(parents).values({ id })
          inserting.catch(() => {}) // which sends it
          return Promise.resolve()
        })
      await unawaited(1)
      expect(await count()).toBe('1')
      await expect(unawaited(1)).rejects.toMatchObject({ code: 'CONFLICT' })
    })
  })

  describe('a statement with more values than the protocol can count', () => {
    const withValues = (length: number) =>
      ask(
        `select cardinality(array[${Array.from({ length }, (_, i) => `$${i + 1}`).join()}]::text[])`,
        Array<string>(length).fill('x'),
      )

    test('is refused alone, and its connection serves on', async () => {
      expect((await database.query(withValues(40_000))).rows).toEqual([['40000']])
      await expect(database.query(withValues(70_000))).rejects.toMatchObject({ code: 'INTERNAL' })
      expect((await database.query(ask('select 1'))).rows).toEqual([['1']])
      const rows = ({ rowCount }: { readonly rowCount: number }) => rowCount
      const together = await Promise.allSettled([
        database.read(withValues(70_000), rows),
        database.read(ask('select 1'), rows),
      ])
      expect(together).toMatchObject([
        { status: 'rejected', reason: { code: 'INTERNAL' } },
        { status: 'fulfilled', value: 1 },
      ])
    })
  })
})

onDatabase('postgres', (open) => {
  let database: Database
  let proxy: FaultyProxy
  beforeAll(async () => {
    const { url } = await createDatabase('postgres')
    proxy = await openFaultyProxy(url)
    database = await open({ url: proxy.url, poolMax: 2 })
    for (const statement of CREATE) await database.query(ask(statement))
    return () => proxy.close()
  })
  beforeEach(() => {
    proxy.loses = () => false
    proxy.drops = () => false
  })
  const isUnknown = { code: 'UNAVAILABLE', issues: [{ code: 'outcome_unknown' }] }

  test('a lost COMMIT is no success because nothing had been written earlier', async () => {
    proxy.drops = (bytes) => bytes.includes('COMMIT')
    const writing = database.transaction(async (tx) => {
      await tx.query(ask('values (1)')) // the transaction has no id yet
      await (tx.drizzle as NodePgDatabase).insert(parents).values({ id: 1 })
    })
    await expect(writing).rejects.toMatchObject(isUnknown)
  })

  test('a select of the driver whose answer is lost may have written', async () => {
    loseAnswerOf(proxy, 'SELECT')
    const selecting = (database.drizzle as NodePgDatabase).execute(sql`select 1`)
    await expect(selecting).rejects.toMatchObject({ cause: isUnknown })
  })

  test('the bytes of a read that is tried again count once', async () => {
    const { signal } = new AbortController()
    boundAnswer(signal, 15_000)
    loseAnswerOf(proxy, 'SELECT')
    // the server sends 8 KiB at a time, so the first row has come when the third begins
    const rows = `select repeat('x', case n when 1 then 5000 when 2 then 8000 else 1 end), case n when 3 then pg_sleep(0.3) end
      from generate_series(1, 3) as n`
    expect(await database.read(ask(rows), ({ rowCount }) => rowCount, { signal })).toBe(3)
  })

  test('a name that makes room is closed though what goes ahead of its statement fails', async () => {
    const notices: string[] = []
    const single = await open({ poolMax: 1, onNotice: (notice) => notices.push(notice) })
    const named = (n: number) => ({ text: `select ${n}`, values: [], name: `n${n}` })
    const failing = single.transaction(async (tx) => {
      for (let n = 0; n < 250; n += 1) await tx.query(named(n))
      await tx.query(ask('select 1 / 0')).catch(() => {})
      tx.defer(ask('SAVEPOINT fails'))
      await tx.query(named(250))
    })
    await expect(failing).rejects.toThrow()
    for (let n = 0; n < 250; n += 1) await single.query(named(n))
    expect(notices).toEqual([])
  })
})

test('exports asked for while the database is late keep no place', async () => {
  const { database } = await openDatabaseOrWait(
    {
      url: `postgres://127.0.0.1:${await freePort()}/none`,
      poolMax: 2,
      statementTimeout: 5000,
      lockTimeout: 2000,
      idleInTransactionTimeout: 10_000,
      connectTimeout: 2000,
    },
    () => {},
  )
  onTestFinished(() => database.close())
  for (let i = 0; i < 3; i += 1)
    await expect(database.openCursor?.(ask('select 1'))).rejects.toThrow(/is not available/)
})
