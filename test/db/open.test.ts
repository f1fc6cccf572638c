// Databases of both kinds answer in text, isolate transactions and stay in step after errors.
import { pgTable, integer, text } from 'drizzle-orm/pg-core'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { eachDatabase } from '../support/databases.ts'

const notes = pgTable('notes', { id: integer().primaryKey(), body: text().notNull() })

eachDatabase((kind, open) => {
  let database: Database
  beforeAll(async () => {
    database = await open()
    await run('create table notes (id int primary key, body text not null)')
  })

  const run = async (statement: string, values: unknown[] = []) =>
    (await database.query({ text: statement, values })).rows

  describe('text rows', () => {
    it('keep every digit, and pass arrays, json and null as PostgreSQL writes them', async () => {
      const rows =
        await run(`select 12345678901234567890.123456789012345678::numeric, 9223372036854775807::bigint,
        timestamptz '2026-01-02 03:04:05.123456+00' at time zone 'UTC', date '0044-03-15 BC', array['a,b', null, '"'],
        '{"b":1,"a":1.10}'::json, null, true, '\\x00ff'::bytea, 'NaN'::float8`)
      expect(rows).toEqual([
        [
          '12345678901234567890.123456789012345678',
          '9223372036854775807',
          '2026-01-02 03:04:05.123456',
          '0044-03-15 BC',
          '{"a,b",NULL,"\\""}',
          '{"b":1,"a":1.10}',
          null,
          't',
          '\\x00ff',
          'NaN',
        ],
      ])
    })

    it('take their values as parameters, arrays too, and never run a second statement', async () => {
      expect(
        await run('select $1::text, ($2::text[])[2]', ["it's", ['a', '"; drop table notes; --']]),
      ).toEqual([["it's", '"; drop table notes; --']])
      await expect(run('select 1; select 2')).rejects.toMatchObject({ code: 'INTERNAL' })
    })

    it('have the number of rows that a statement wrote', async () => {
      const { rowCount } = await database.query({
        text: 'insert into notes select n, n::text from generate_series(900, 904) n',
        values: [],
      })
      expect(rowCount).toBe(5)
    })
  })

  describe('errors', () => {
    it('do not shift later answers, with prepared statements or without', async () => {
      for (let n = 0; n < 50; n += 1) {
        const name = n % 2 === 0 ? { name: `failing-${n % 4}` } : {}
        const failing = database.query({
          text: `select ${n % 4}, 1 / $1::int`,
          values: ['0'],
          ...name,
        })
        const other = database.query({ text: 'select $1::int', values: [String(n)], name: 'echo' })
        await expect(failing).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
        expect((await other).rows).toEqual([[String(n)]])
      }
    })

    it('do not contain the statement or its values', async () => {
      const error = await database
        .query({ text: 'select $1::int', values: ['s3cret'] })
        .catch((caught: unknown) => caught)
      expect(String(error)).not.toContain('s3cret')
      expect(JSON.stringify(error)).not.toMatch(/s3cret|select/)
    })
  })

  describe('a prepared statement', () => {
    it('survives a change of its table', async () => {
      await run('create table changing (id int)')
      const statement = { text: 'select * from changing', values: [], name: 'all-of-changing' }
      await Promise.all(Array.from({ length: 8 }, () => database.query(statement)))
      await run('alter table changing add column more text')
      await run("insert into changing values (1, 'x')")
      for (let n = 0; n < 8; n += 1)
        expect((await database.query(statement)).rows).toEqual([['1', 'x']])
      const inside = await database.transaction((tx) => tx.query(statement))
      expect(inside.rows).toEqual([['1', 'x']])
    })

    it('belongs to a bounded number of them', async () => {
      const single = kind === 'pglite' ? database : await open({ poolMax: 1 })
      for (let n = 0; n < 600; n += 1)
        await single.query({ text: `select ${n}`, values: [], name: `bounded-${n}` })
      const { rows } = await single.query({
        text: 'select count(*) <= 250 from pg_prepared_statements',
        values: [],
      })
      expect(rows).toEqual([['t']])
    })
  })

  describe('a transaction', () => {
    it('keeps other statements out until it commits', async () => {
      const seen: unknown[] = []
      const writing = database.transaction(async (tx) => {
        await tx.query({ text: "insert into notes values (1, 'written')", values: [] })
        await new Promise((resolve) => setTimeout(resolve, 100))
        throw new Error('changed my mind')
      })
      const others = Array.from({ length: 20 }, async (_, n) => {
        seen.push(await run('select count(*) from notes where id = 1'))
        await run("insert into notes values ($1, 'other')", [String(100 + n)])
      })
      await expect(writing).rejects.toThrow('changed my mind')
      await Promise.all(others)
      expect(seen).toEqual(Array.from({ length: 20 }, () => [['0']]))
      expect(await run('select count(*) from notes where id between 100 and 119')).toEqual([['20']])
    })

    it('gives handlers Drizzle on its own connection, with savepoints, and ordinary Drizzle values', async () => {
      const rows = await database.transaction(async (tx) => {
        const drizzle = tx.drizzle as NodePgDatabase
        await drizzle.insert(notes).values({ id: 2, body: 'kept' })
        await drizzle
          .transaction(async (inner) => {
            await inner.insert(notes).values({ id: 3, body: 'lost' })
            throw new Error('only this far')
          })
          .catch(() => {})
        expect(
          (await tx.query({ text: 'select id from notes where id in (2, 3)', values: [] })).rows,
        ).toEqual([['2']])
        const clock = await drizzle
          .select({ seven: sql`7` })
          .from(notes)
          .limit(1)
        expect(clock[0]).toMatchObject({ seven: 7 })
        return drizzle
          .select()
          .from(notes)
          .where(sql`id in (2, 3)`)
      })
      expect(rows).toEqual([{ id: 2, body: 'kept' }])
      expect(await run('select id from notes where id in (2, 3)')).toEqual([['2']])
    })

    it('cannot be used after its end, neither by `tx` nor by its Drizzle', async () => {
      const kept = await database.transaction((tx) =>
        Promise.resolve({ tx, drizzle: tx.drizzle as NodePgDatabase }),
      )
      await expect(kept.tx.query({ text: 'select 1', values: [] })).rejects.toMatchObject({
        code: 'INTERNAL',
        message: /has ended/,
      })
      await expect(kept.drizzle.select().from(notes)).rejects.toMatchObject({
        cause: { code: 'INTERNAL', message: /has ended/ },
      })
    })

    it('refuses the use of the database inside, which would wait for itself', async () => {
      const inside = database.transaction(() => database.query({ text: 'select 1', values: [] }))
      await expect(inside).rejects.toMatchObject({
        code: 'INTERNAL',
        message: /inside one of its transactions/,
      })
      const nested = database.transaction(() => database.transaction(() => Promise.resolve(1)))
      await expect(nested).rejects.toMatchObject({
        code: 'INTERNAL',
        message: /inside one of its transactions/,
      })
      expect(await run('select 1')).toEqual([['1']])
    })

    it('is not reported as committed when the error of a statement was swallowed', async () => {
      const careless = database.transaction(async (tx) => {
        await tx.query({ text: "insert into notes values (10, 'first')", values: [] })
        await tx
          .query({ text: "insert into notes values (10, 'again')", values: [] })
          .catch(() => {})
      })
      await expect(careless).rejects.toMatchObject({ code: 'CONFLICT' })
      expect(await run('select id from notes where id = 10')).toEqual([])
    })

    it("maps Drizzle's errors, and leaves other errors unchanged", async () => {
      const insert = (id: number) =>
        database.transaction((tx) =>
          (tx.drizzle as NodePgDatabase).insert(notes).values({ id, body: 'x' }),
        )
      await insert(20)
      await expect(insert(20)).rejects.toMatchObject({
        code: 'CONFLICT',
        message: expect.not.stringContaining('insert'),
      })
      const own = new RangeError('mine')
      await expect(database.transaction(() => Promise.reject(own))).rejects.toBe(own)
    })
  })

  it('runs single statements through Drizzle, and refuses transactions there', async () => {
    const drizzle = database.drizzle as NodePgDatabase
    await drizzle.insert(notes).values({ id: 30, body: 'by Drizzle' })
    expect(
      await drizzle
        .select()
        .from(notes)
        .where(sql`id = 30`),
    ).toEqual([{ id: 30, body: 'by Drizzle' }])
    await expect(drizzle.transaction(() => Promise.resolve())).rejects.toMatchObject({
      code: 'INTERNAL',
    })
  })

  it('closes once, after running work, and refuses later calls', async () => {
    const closing = await open()
    const last = closing.query({ text: 'select 1 from pg_sleep(0.2)', values: [] })
    await Promise.all([closing.close(), closing.close()])
    expect((await last).rows).toEqual([['1']])
    await closing.close()
    await expect(closing.query({ text: 'select 1', values: [] })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    })
  })
})
