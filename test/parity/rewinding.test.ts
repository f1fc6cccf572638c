// A rewinding database: writes are visible inside of an attempt, reported as stored, and rolled back after it, sequences included.
import { beforeAll, expect, test } from 'vitest'
import { type RewindingDatabase, openRewinding } from '../../src/parity/rewindable-database.ts'
import { eachDatabase } from '../support/databases.ts'

eachDatabase((_kind, open) => {
  let database: RewindingDatabase
  const run = (text: string) => database.query({ text, values: [] }).then(({ rows }) => rows)
  const write = (text: string) => database.transaction((tx) => tx.query({ text, values: [] }))
  beforeAll(async () => {
    database = openRewinding(await open())
    await run(
      'create table boxes (id int generated always as identity primary key, name text, at timestamptz default now())',
    )
    await run('create table lids (box int references boxes deferrable initially deferred)')
    await run(`insert into boxes (name) values ('a'), ('b')`)
  })

  test('a write is visible inside of its attempt, reported, and rolled back', async () => {
    const before = await run('select id, name from boxes order by id')
    const attempt = () =>
      database.attempt(async () => {
        await write(`insert into boxes (name) values ('c')`)
        await write(`update boxes set name = 'B' where name = 'b'`)
        await write(`delete from boxes where name = 'a'`)
        return run('select id, name from boxes order by id')
      })
    const [first, second] = await database.moment(async () => [await attempt(), await attempt()])
    expect(first?.value).toEqual([
      ['2', 'B'],
      ['3', 'c'],
    ])
    expect(second).toEqual(first) // the same id from the sequence, the same time, the same rows
    expect(first?.stored).toEqual([
      {
        table: 'public.boxes',
        kept: expect.stringMatching(/^0 rows kept/),
        written: [expect.stringContaining('"name":"B"'), expect.stringContaining('"name":"c"')],
      },
    ])
    expect(await run('select id, name from boxes order by id')).toEqual(before)
    await write(`insert into boxes (name) values ('d')`)
    expect(await run(`delete from boxes where name = 'd' returning id`)).toEqual([['3']])
  })

  test('the report of an attempt tells which rows are kept', async () => {
    const keptAfter = (text: string) =>
      database
        .moment(() => database.attempt(() => write(text)))
        .then(({ stored }) => stored[0]?.kept)
    expect(await keptAfter(`delete from boxes where name = 'a'`)).toMatch(/^1 rows kept/)
    expect(await keptAfter(`delete from boxes where name = 'a'`)).not.toBe(
      await keptAfter(`delete from boxes where name = 'b'`),
    )
  })

  test('rows of an attempt are not stored', async () => {
    const { stored } = await database.moment(() =>
      database.attempt(async () => {
        await expect(
          write(
            `with made as (insert into boxes (name) values ('c') returning id) select 1 / (id - id) from made`,
          ),
        ).rejects.toMatchObject({ name: 'Problem' })
        await write('insert into lids values (1)')
        await write('delete from lids')
      }),
    )
    expect(stored).toEqual([])
  })

  test("an error inside leaves the attempt usable, and has the database's error as its cause", async () => {
    const { value } = await database.moment(() =>
      database.attempt(async () => {
        await expect(write(`insert into boxes (name) values (1 / 0)`)).rejects.toMatchObject({
          name: 'Problem',
        })
        await expect(write('insert into lids values (99)')).rejects.toMatchObject({
          code: 'CONFLICT',
        }) // checked at the end of the transaction
        return run('select count(*) from lids')
      }),
    )
    expect(value).toEqual([['0']])
  })

  test('moments do not nest, and attempts run inside of one', async () => {
    await expect(database.attempt(() => Promise.resolve())).rejects.toThrow('outside of a moment')
    await expect(database.moment(() => database.moment(() => Promise.resolve()))).rejects.toThrow(
      'inside of another',
    )
    expect(await run('select count(*) from boxes')).toEqual([['2']])
  })
})
