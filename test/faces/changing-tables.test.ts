// A table that changes under load: plans that were prepared before are of the old table, and no caller may notice it.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { declare } from '../../src/schema/declare/declare.ts'
import { onDatabase } from '../support/databases.ts'
import { type Faces, faultOf, openFaces, type Reply } from './http.ts'

const notes = pgTable('notes', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  body: text().notNull(),
})
const relations = defineRelations({ notes })
const { resource, access } = declare({ relations })
const { everyone } = access
const note = resource('notes', { access: { read: everyone, create: everyone, update: everyone } })

onDatabase('postgres', (open) => {
  let faces: Faces
  beforeAll(async () => {
    const database = await open({ lockTimeout: 5000 })
    const env = { OVERLOAD_WAIT: '60000', CALLER_CONCURRENCY: '0' }
    const declaration = { name: 'Notes', relations, resources: { note } }
    faces = await openFaces(database, { notes }, declaration, env)
    await faces.sql(`insert into notes (body) values ('first')`)
  })

  const create = 'createNote(input: { body: "x" }) { id body }'
  const requests: readonly (() => Promise<Reply>)[] = [
    () => faces.rest('GET /api/notes?limit=3'),
    () => faces.rest('GET /api/notes/1'),
    () => faces.rest('PATCH /api/notes/1', { body: { body: 'y' } }),
    () => faces.rest('POST /api/notes', { body: { body: 'z' } }),
    () => faces.graphql('{ notes(first: 3) { nodes { id body } } }'),
    () => faces.graphql(`mutation { ${create} }`),
    () => faces.graphql(`mutation { a: ${create} b: ${create} }`),
  ]

  /** Faults of all requests, which go on until the changes are done. */
  async function faultsDuring(
    changes: readonly string[],
  ): Promise<readonly (string | undefined)[]> {
    const codes = new Set<string | undefined>()
    const state = { isOver: false }
    const client = async (at: number): Promise<void> => {
      for (let n = at; !state.isOver; n += 1) {
        const reply = await requests[n % requests.length]?.()
        if (reply !== undefined) codes.add(faultOf(reply)[0])
      }
    }
    const change = async (): Promise<void> => {
      for (const statement of changes) {
        await sleep(100) // plans are prepared meanwhile
        await faces.database.transaction((tx) =>
          tx.query({ text: statement, values: [] }).then(() => undefined),
        )
      }
      await sleep(100)
      state.isOver = true
    }
    await Promise.all([change(), ...requests.map((_, at) => client(at))])
    return [...codes]
  }

  test('columns that get another type or come along: every request is answered', async () => {
    const changes = [
      'alter table notes alter body type varchar(50)',
      'alter table notes add column extra integer',
      'alter table notes alter body type text',
      'alter table notes drop column extra',
      'alter table notes alter body type varchar(60)',
      'create index on notes (body)',
    ]
    expect(await faultsDuring(changes)).toEqual([undefined])
  })

  test('a column that is renamed: not available until it has its name again, and then at once', async () => {
    const away = ['alter table notes rename body to content']
    const faults = await faultsDuring([...away, 'alter table notes rename content to body'])
    expect(new Set(faults)).toEqual(new Set([undefined, 'UNAVAILABLE']))
    for (const request of requests) expect(faultOf(await request())).toEqual([undefined])
  })
})
