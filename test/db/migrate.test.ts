// Migrations are applied once each, in order, by the first instance; a failing one is rolled back and named.
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { migrateDatabase, pendingMigrations } from '../../src/db/store/migrate.ts'
import { createDatabase, eachDatabase, onDatabase } from '../support/databases.ts'

const OWN = ['api-keys', 'idempotency', 'audit'].map(
  (name) => expect.stringMatching(new RegExp(`^bifrons/\\d{14}_${name}$`)) as string,
)

async function folderWith(migrations: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bifrons-migrations-'))
  for (const [name, statements] of Object.entries(migrations)) {
    await mkdir(join(folder, name))
    await writeFile(join(folder, name, 'migration.sql'), statements)
  }
  return folder
}

eachDatabase((_, open) => {
  const firstTwo = {
    '20260101000000_shelves':
      'create table shelves (id int primary key);--> statement-breakpoint\ninsert into shelves values (1), (2);',
    '20260102000000_books':
      'create table books (id int primary key, shelf int references shelves);',
  }

  it('migrations are listed as pending, then applied in order, then done', async () => {
    const database = await open()
    const folder = await folderWith(firstTwo)
    const names = Object.keys(firstTwo)
    expect(await pendingMigrations(database, { folder })).toEqual([...OWN, ...names])
    expect(await migrateDatabase(database, { folder })).toEqual([...OWN, ...names])
    expect(await pendingMigrations(database, { folder })).toEqual([])
    expect(await migrateDatabase(database, { folder })).toEqual([])
    const { rows } = await database.query({
      text: 'select count(*), (select count(*) from bifrons.api_keys) from shelves',
      values: [],
    })
    expect(rows).toEqual([['2', '0']])
    const books = await database.query({
      text: 'select name, length(hash) from drizzle.__drizzle_migrations order by id',
      values: [],
    })
    expect(books.rows).toEqual(names.map((name) => [name, '64']))
  })

  it('migrations before a failing one stay applied, and the failing one is rolled back and named', async () => {
    const database = await open()
    const folder = await folderWith({
      ...firstTwo,
      '20260103000000_broken':
        'create table half (id int);--> statement-breakpoint\ncreate table books (id int);',
    })
    await expect(migrateDatabase(database, { folder })).rejects.toMatchObject({
      message: /20260103000000_broken failed: relation "books" already exists/,
    })
    expect(await pendingMigrations(database, { folder })).toEqual(['20260103000000_broken'])
    const { rows } = await database.query({
      text: "select to_regclass('half'), to_regclass('books') is not null",
      values: [],
    })
    expect(rows).toEqual([[null, 't']])
  })

  it('migrations may use an enum value that an earlier one added', async () => {
    const database = await open()
    const folder = await folderWith({
      '20260101000000_mood': "create type mood as enum ('sad'); create table moods (mood mood);",
    })
    await migrateDatabase(database, { folder })
    const more = await folderWith({
      '20260101000000_mood': '',
      '20260102000000_ok': "alter type mood add value 'ok';",
      '20260103000000_use': "insert into moods values ('ok');",
    })
    expect(await migrateDatabase(database, { folder: more })).toEqual([
      '20260102000000_ok',
      '20260103000000_use',
    ])
  })

  it('migrations with a statement that cannot run in a transaction get an error that says what to do', async () => {
    const database = await open()
    const folder = await folderWith({
      '20260101000000_index':
        'create table wide (id int);--> statement-breakpoint\ncreate index concurrently on wide (id);',
    })
    await expect(migrateDatabase(database, { folder })).rejects.toMatchObject({
      message: /20260101000000_index failed: .*cannot run inside a transaction block.*by hand/,
    })
  })

  it('migrations need a folder that exists', async () => {
    const database = await open()
    await expect(pendingMigrations(database, { folder: '/nowhere/at/all' })).rejects.toMatchObject({
      message: /no folder of migrations at \/nowhere/,
    })
  })

  it('migrations may take longer than a request', async () => {
    const database = await open({ statementTimeout: 200 })
    const folder = await folderWith({ '20260101000000_slow': 'select pg_sleep(1);' })
    expect(await migrateDatabase(database, { folder })).toContain('20260101000000_slow')
  })
})

onDatabase('postgres', (open) => {
  it('migrations are applied once each by several instances that start together', async () => {
    const { url } = await createDatabase('postgres')
    const instances = await Promise.all(
      Array.from({ length: 5 }, () => open({ url, lockTimeout: 100 })),
    )
    const folder = await folderWith({
      '20260101000000_slow':
        'create table once (id int);--> statement-breakpoint\nselect pg_sleep(0.3);',
      '20260102000000_row': 'insert into once values (1);',
    })
    const applied = (
      await Promise.all(instances.map((instance) => migrateDatabase(instance, { folder })))
    ).flat()
    expect(applied.toSorted()).toEqual(['20260101000000_slow', '20260102000000_row', ...OWN])
  })
})
