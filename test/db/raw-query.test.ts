// Rows as bytes from the socket: complete at every size, and separate from other messages and statements.
import * as fc from 'fast-check'
import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Database, Session } from '../../src/db/database.ts'
import { toTextRows } from '../../src/db/raw-rows.ts'
import { administer, eachDatabase, onDatabase } from '../support/databases.ts'

const rowsOf = (session: Session, text: string, values: readonly unknown[] = [], name?: string) =>
  session.read({ text, values, ...(name === undefined ? {} : { name }) }, toTextRows)

/** A Drizzle handle's own way to run a statement. */
const executeWith = (handle: unknown, text: string) =>
  (handle as { execute(query: unknown): Promise<{ readonly rows: readonly unknown[] }> }).execute(
    sql.raw(text),
  )

eachDatabase((_kind, open) => {
  let database: Database
  beforeAll(async () => {
    database = await open({ poolMax: 1, relations: {}, statementTimeout: 20_000 })
    await database.query({ text: 'create table counters (id int primary key, n int)', values: [] })
  })

  describe('rows', () => {
    test('are complete and in order, in any number of chunks', async () => {
      const rows = await rowsOf(
        database,
        'select i, repeat(chr(65 + i % 26), i % 300), null from generate_series(1, 20000) i',
      )
      expect(rows.length).toBe(20_000)
      const wrong = rows.findIndex(
        ([i, text, nothing], at) =>
          Number(i) !== at + 1 ||
          text !== String.fromCharCode(65 + ((at + 1) % 26)).repeat((at + 1) % 300) ||
          nothing !== null,
      )
      expect(wrong).toBe(-1)
    })

    test('may have any size, larger than a chunk of the socket too', async () => {
      const sizes = fc.array(
        fc.oneof(
          { weight: 5, arbitrary: fc.nat(300) },
          { weight: 2, arbitrary: fc.nat(70_000) },
          { weight: 1, arbitrary: fc.integer({ min: 900_000, max: 1_200_000 }) },
        ),
        { maxLength: 12 },
      )
      await fc.assert(
        fc.asyncProperty(sizes, async (asked) => {
          const rows = await rowsOf(
            database,
            `select repeat('ü', n::int), n from unnest($1::int[]) with ordinality as u(n, at) order by at`,
            [asked],
          )
          expect(rows.map(([text, n]) => [text?.length, n, text?.at(-1)])).toEqual(
            asked.map((n) => [n, String(n), n === 0 ? undefined : 'ü']),
          )
        }),
        { seed: 2026, numRuns: 40 },
      )
    })

    test('may be none, also for a statement without a result', async () => {
      const facts = (text: string) =>
        database.read({ text, values: [] }, ({ starts, rowCount }) => ({
          rows: starts.length,
          rowCount,
        }))
      expect(await facts('select 1 where false')).toEqual({ rows: 0, rowCount: 0 })
      expect(await facts('insert into counters select i, 0 from generate_series(1, 7) i')).toEqual({
        rows: 0,
        rowCount: 7,
      })
      expect(
        (
          await database.query({
            text: 'update counters set n = 1 where id < 4 returning id',
            values: [],
          })
        ).rowCount,
      ).toBe(3)
      expect(await facts('delete from counters')).toEqual({ rows: 0, rowCount: 7 })
    })

    test('arrive on the same connection after an error in the middle of an answer', async () => {
      for (let again = 0; again < 3; again += 1) {
        await expect(
          rowsOf(
            database,
            "select 1 / (500 - i), repeat('x', 500) from generate_series(1, 1000) i",
          ),
        ).rejects.toMatchObject({ name: 'Problem' })
        expect(await rowsOf(database, 'select i from generate_series(1, 3) i')).toEqual([
          ['1'],
          ['2'],
          ['3'],
        ])
      }
    })

    test('are distinguished from notices and changed parameters between them', async () => {
      await database.query({
        text: `create or replace function loud(i int) returns int language plpgsql volatile as $$
        begin raise notice 'row %', i; perform set_config('application_name', 'at ' || i, false); return i; end $$`,
        values: [],
      })
      const rows = await rowsOf(
        database,
        "select loud(i), repeat('y', 300) from generate_series(1, 700) i",
      )
      expect(rows.map(([i]) => Number(i))).toEqual(Array.from({ length: 700 }, (_, i) => i + 1))
    })
  })

  test('statements sent together are answered independently of each other', async () => {
    const asked = fc.record({
      rows: fc.oneof(fc.nat(5), fc.integer({ min: 1000, max: 3000 })),
      fault: fc.constantFrom('none', 'none', 'none', 'parse', 'row', 'gone'),
      name: fc.option(fc.nat(6)),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { minLength: 1, maxLength: 14 }), async (all) => {
        const answers = await Promise.allSettled(
          all.map(({ rows, fault, name }, i) => {
            const controller = new AbortController()
            const text =
              fault === 'parse'
                ? 'select no_such_column'
                : `select $1::int, i, repeat('x', i % 90), ${fault === 'row' ? '1 / (i - $2::int)' : '$2::int'} from generate_series(1, $2::int) i`
            const statement = {
              text,
              values: fault === 'parse' ? [] : [i, rows],
              ...(name === null || fault === 'parse' ? {} : { name: `bifrons_${fault}_${name}` }),
            }
            if (fault === 'gone') queueMicrotask(() => controller.abort())
            return database.read(statement, toTextRows, { signal: controller.signal })
          }),
        )
        for (const [i, { rows, fault }] of all.entries()) {
          const answer = answers[i]
          const fails = fault === 'parse' || fault === 'gone' || (fault === 'row' && rows > 0)
          expect(answer?.status, `${i}: ${fault}`).toBe(fails ? 'rejected' : 'fulfilled')
          if (answer?.status === 'fulfilled')
            expect(answer.value.map(([own, n]) => `${own} ${n}`)).toEqual(
              Array.from({ length: rows }, (_, at) => `${i} ${at + 1}`),
            )
        }
      }),
      { seed: 2026, numRuns: 80 },
    )
  })

  test('a transaction alternates statements of plans and of Drizzle', async () => {
    await database.transaction(async (tx) => {
      for (let i = 0; i < 20; i += 1) {
        expect(await rowsOf(tx, `select ${i}, generate_series(1, ${i})`)).toHaveLength(i)
        expect(
          (
            await executeWith(
              tx.drizzle,
              `select ${i} as i, repeat('z', 2000) from generate_series(1, 50)`,
            )
          ).rows,
        ).toHaveLength(50)
        expect(await rowsOf(tx, 'select $1::int + 1', [i], 'bifrons_plus')).toEqual([
          [String(i + 1)],
        ])
      }
    })
  })

  describe('parameters', () => {
    const moment = new Date('2026-11-23T10:00:00.123Z')
    const given: readonly (readonly [value: unknown, type: string, read: string | null])[] = [
      [null, 'text', null],
      [undefined, 'text', null],
      ['', 'text', ''],
      ['a\'b"c\\d', 'text', 'a\'b"c\\d'],
      [0, 'int', '0'],
      [-1.5, 'float8', '-1.5'],
      [1e300, 'float8', '1e+300'],
      [Number.NaN, 'float8', 'NaN'],
      [9_007_199_254_740_993n, 'bigint', '9007199254740993'],
      [true, 'bool', 't'],
      [false, 'bool', 'f'],
      [moment, 'timestamptz', '2026-11-23 10:00:00.123+00'],
      [new Uint8Array([0, 255, 92]), 'bytea', String.raw`\x00ff5c`],
      [Buffer.from('ä'), 'bytea', String.raw`\xc3a4`],
      [{ a: [1, '"'], b: null }, 'jsonb', '{"a": [1, "\\""], "b": null}'],
      [[], 'text[]', '{}'],
      [
        ['a', null, 'NULL', '', '"', '\\', '{}', ',', ' x '],
        'text[]',
        String.raw`{a,NULL,"NULL","","\"","\\","{}",",", x }`.replace(', x }', '," x "}'),
      ],
      [[1, null, 2n], 'bigint[]', '{1,NULL,2}'],
      [[true, false], 'bool[]', '{t,f}'],
      [
        [
          [1, 2],
          [3, null],
        ],
        'int[]',
        '{{1,2},{3,NULL}}',
      ],
      [[moment], 'timestamptz[]', '{"2026-11-23 10:00:00.123+00"}'],
      [[new Uint8Array([1])], 'bytea[]', String.raw`{"\\x01"}`],
      [[{ a: 'x"y' }], 'jsonb[]', String.raw`{"{\"a\": \"x\\\"y\"}"}`],
      [[undefined, 'x'], 'text[]', '{NULL,x}'],
    ]
    test.each(given)('%o is read as %s', async (value, type, read) => {
      await database.transaction(async (tx) => {
        await tx.query({ text: `set local timezone = 'UTC'`, values: [] })
        expect(await rowsOf(tx, `select $1::${type}`, [value])).toEqual([[read]])
      })
    })

    test('texts of any characters, alone and in lists, come back unchanged', async () => {
      const text = fc.string({ unit: 'binary' }).filter((one) => !one.includes('\0'))
      await fc.assert(
        fc.asyncProperty(text, fc.array(fc.option(text)), async (one, list) => {
          expect(
            await rowsOf(database, 'select $1::text, to_json($2::text[])', [one, list]),
          ).toEqual([[one, expect.anything()]])
          const [[, cell] = []] = await rowsOf(database, 'select 1, to_json($1::text[])', [list])
          expect(JSON.parse(cell ?? 'null')).toEqual(list)
        }),
        { seed: 2026, numRuns: 100 },
      )
    })
  })

  describe('names', () => {
    const prepared = async () =>
      (await rowsOf(database, 'select name from pg_prepared_statements order by name')).map(
        ([name]) => name,
      )

    test('a statement that fails stays prepared and runs again under its name', async () => {
      const divide = (by: number) => rowsOf(database, 'select 10 / $1::int', [by], 'bifrons_divide')
      await expect(divide(0)).rejects.toMatchObject({ name: 'Problem' })
      expect(await divide(5)).toEqual([['2']])
      await expect(divide(0)).rejects.toMatchObject({ name: 'Problem' })
      expect(await divide(2)).toEqual([['5']])
      expect(await prepared()).toContain('bifrons_divide')
    })

    test('a statement that cannot be parsed is not prepared, and evicts no other', async () => {
      for (let again = 0; again < 2; again += 1)
        await expect(
          rowsOf(database, 'select nonsense', [], 'bifrons_nonsense'),
        ).rejects.toMatchObject({ name: 'Problem' })
      expect(await prepared()).not.toContain('bifrons_nonsense')
    })

    test('a connection keeps 250 of them, and closes the oldest of those that came once', async () => {
      for (let i = 0; i < 400; i += 1) {
        expect(await rowsOf(database, `select ${i}`, [], `bifrons_${i}`)).toEqual([[String(i)]])
        if (i % 50 === 0) await rowsOf(database, "select 'kept'", [], 'bifrons_kept')
      }
      const names = await prepared()
      expect(names.length).toBeLessThanOrEqual(250)
      expect(names.length).toBeGreaterThan(240)
      expect(names).toEqual(expect.arrayContaining(['bifrons_kept', 'bifrons_399', 'bifrons_200']))
      expect(names).not.toContain('bifrons_0')
      expect(await rowsOf(database, 'select 0', [], 'bifrons_0')).toEqual([['0']])
      expect(await prepared(), 'parsed again under its name').toContain('bifrons_0')
    })

    test('more names in one message than a connection keeps are each parsed when they are missing', async () => {
      const notices: string[] = []
      const other = await open({ poolMax: 1, onNotice: (message) => notices.push(message) })
      const order = Array.from({ length: 300 }, (_, i) => i)
      for (const round of [order, order.toReversed(), [...order, ...order]]) {
        const answers = await Promise.all(
          round.map((i) => rowsOf(other, `select ${i}`, [], `bifrons_${i}`)),
        )
        expect(answers).toEqual(round.map((i) => [[String(i)]]))
      }
      expect(notices.filter((notice) => notice.includes('Prepared statements'))).toEqual([])
      expect(
        (await rowsOf(other, 'select name from pg_prepared_statements')).length,
      ).toBeLessThanOrEqual(250)
      await other.close()
    })

    test('names that another client deallocated are noticed once, without an error, and then no statement is prepared', async () => {
      const notices: string[] = []
      const other = await open({ poolMax: 1, onNotice: (message) => notices.push(message) })
      const ask = () => rowsOf(other, 'select 1', [], 'bifrons_lost')
      await ask()
      await other.query({ text: 'deallocate all', values: [] })
      for (let again = 0; again < 3; again += 1) expect(await ask()).toEqual([['1']])
      expect(notices.filter((notice) => notice.includes('Prepared statements'))).toHaveLength(1)
      expect(await rowsOf(other, 'select name from pg_prepared_statements')).toEqual([])
    })

    test('in a transaction, the transaction runs again', async () => {
      const other = await open({ poolMax: 1 })
      await rowsOf(other, 'select 1', [], 'bifrons_lost')
      let attempts = 0
      const rows = await other.transaction(async (tx) => {
        attempts += 1
        if (attempts === 1) await tx.query({ text: 'deallocate all', values: [] })
        return rowsOf(tx, 'select 1', [], 'bifrons_lost')
      })
      expect([rows, attempts]).toEqual([[['1']], 2])
    })
  })
})

onDatabase('postgres', (open) => {
  test('a statement that may write is reported when its connection ends while rows arrive, and another one serves', async () => {
    const database = await open({ poolMax: 1, onError: () => {} })
    for (const where of ['at once', 'later']) {
      const [[pid] = []] = await rowsOf(database, 'select pg_backend_pid()')
      const text = `select i, repeat('x', 2000), pg_sleep(0.002) from generate_series(1, 5000) i`
      const running = database.write({ text, values: [] }, () => undefined)
      const told = expect(running, where).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      if (where === 'later')
        await new Promise((resolve) => {
          setTimeout(resolve, 150)
        })
      await administer(`select pg_terminate_backend(${pid})`)
      await told
      expect(await rowsOf(database, 'select 1')).toEqual([['1']])
    }
  })
})
