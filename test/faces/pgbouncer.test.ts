// Behind a pooler in transaction mode every statement may meet another session: nothing is left in one, and nothing is relied on.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { declare } from '../../src/schema/declare/declare.ts'
import { createDatabase, onDatabase } from '../support/databases.ts'
import { openPgBouncer, type TestPgBouncer, withPgBouncer } from '../support/pgbouncer.ts'
import { type Faces, openFacesWith, type Reply } from './http.ts'

const authors = pgTable('authors', { id: integer().primaryKey(), name: text().notNull() })
const notes = pgTable('notes', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  body: text().notNull(),
  slug: text().unique(),
  authorId: integer('author_id').references(() => authors.id),
})
const relations = defineRelations({ authors, notes }, (r) => ({
  notes: { author: r.one.authors({ from: r.notes.authorId, to: r.authors.id }) },
  authors: { notes: r.many.notes() },
}))
const { resource, operation, access } = declare({ relations })
const all = {
  read: access.everyone,
  create: access.everyone,
  update: access.everyone,
  delete: access.everyone,
}
const declaration = {
  name: 'Notes',
  relations,
  resources: {
    author: resource('authors', { access: all }),
    note: resource('notes', {
      access: all,
      writes: ['upsert', 'updateMany', 'deleteMany'],
      search: ['body'],
      export: { access: access.everyone },
    }),
  },
  operations: {
    copyNote: operation({
      kind: 'mutation',
      rest: 'POST /copy',
      access: access.everyone,
      input: z.object({ body: z.string() }),
      output: z.object({ count: z.int32() }),
      async handle({ input: { body }, tx }) {
        await tx.insert(notes).values([{ body }, { body }])
        return { count: await tx.$count(notes) }
      },
    }),
  },
} as const

/** 42P05 and 26000: a prepared statement of another session; 08P01: a message that was not expected. */
const CONFUSED = /42P05|26000|08P01/

withPgBouncer(() => {
  onDatabase('postgres', (open) => {
    let faces: Faces
    let pooler: TestPgBouncer
    let drop: () => Promise<void>
    const log: string[] = []
    beforeAll(async () => {
      const made = await createDatabase('postgres')
      drop = made.drop
      pooler = await openPgBouncer(made.url, 2)
      const database = await open({
        url: pooler.url,
        poolMax: 20,
        connectTimeout: 20_000,
        onError: (error) => log.push(String(error)),
      })
      const env = {
        LOG_LEVEL: 'info',
        OVERLOAD_WAIT: '60000',
        CALLER_CONCURRENCY: '0',
        EXPORTS_PER_CALLER: '40',
      }
      faces = await openFacesWith({
        database,
        tables: { authors, notes },
        declaration,
        env,
        logStream: { write: (line) => log.push(line) },
      })
      await faces.sql(`insert into authors values (1, 'Ann')`)
    })
    afterAll(async () => {
      await faces.database.close()
      await pooler.close()
      await drop()
    })

    /** The settings of both sessions of the pool, by the number of their process. */
    async function settings(): Promise<Readonly<Record<string, unknown>>> {
      const clients = [1, 2].map(() => new Client({ connectionString: pooler.url }))
      const found: Record<string, unknown> = {}
      for (const client of clients) {
        await client.connect()
        await client.query('begin') // keeps its session from the other one
        const question = `select pg_backend_pid() as pid, (select json_object_agg(name, setting) from pg_settings where name <> 'application_name') as settings`
        const [session] = (await client.query(question)).rows
        found[session.pid] = session.settings
      }
      for (const client of clients) {
        await client.query('rollback')
        await client.end()
      }
      return found
    }

    let number = 0
    const json = (body: unknown, headers: Readonly<Record<string, string>> = {}) => ({
      body,
      headers,
    })
    const batch = [{ method: 'POST', path: '/api/notes', body: { body: 'batch' } }]
    const kinds: readonly ((n: number) => Promise<Reply>)[] = [
      () => faces.rest('GET /api/notes?limit=5'),
      (n) => faces.rest(`GET /api/notes?where={"id":{"gt":${n % 9}}}&sort=-body&count=exact`),
      () => faces.rest('GET /api/notes?include=author&search=batch'),
      () => faces.rest('GET /api/authors/1?include=notes'),
      () => faces.rest('GET /api/notes/aggregate'),
      () => faces.rest('GET /api/notes', json(undefined, { accept: 'application/x-ndjson' })),
      (n) => faces.rest('POST /api/notes', json({ body: `n${n}`, slug: `s${n}`, authorId: 1 })),
      (n) => faces.rest(`PATCH /api/notes/${(n % 20) + 1}`, json({ body: `p${n}` })),
      (n) => faces.rest(`PUT /api/notes/by/slug/u${n % 5}`, json({ body: `u${n}` })),
      (n) => faces.rest(`DELETE /api/notes/${n}`),
      () => faces.rest('POST /api/batch', json({ requests: batch })),
      (n) => faces.rest('POST /api/copy', json({ body: `c${n}` })),
      () => faces.graphql('{ notes(first: 5) { nodes { id body author { name } } totalCount } }'),
      (n) =>
        faces.graphql(`{ note(id: ${(n % 20) + 1}) { body author { notes { nodes { id } } } } }`),
      () => faces.graphql('{ notesAggregate { count } }'),
      (n) => faces.graphql(`mutation { createNote(input: { body: "g${n}" }) { id } }`),
      (n) =>
        faces.graphql(
          `mutation { a: createNote(input: { body: "a${n}" }) { id } b: createNote(input: { body: "b${n}" }) { id author { name } } }`,
        ),
      (n) => faces.graphql(`mutation { copyNote(input: { body: "h${n}" }) { count } }`),
      (n) => faces.graphql(`mutation { deleteNote(id: ${n}) { id } }`),
    ]

    test('all kinds of requests on both faces, 40 at a time, leave two sessions as they were', async () => {
      const before = await settings()
      const replies: Reply[] = []
      const work = async (): Promise<void> => {
        while (number < 20 * kinds.length) {
          const n = (number += 1)
          const reply = await kinds[n % kinds.length]?.(n)
          if (reply !== undefined) replies.push(reply)
        }
      }
      await Promise.all(Array.from({ length: 40 }, work))
      const failed = replies.filter(({ status, body }) => status >= 300 || body?.errors)
      const others = failed.filter(({ text: body }) => !body.includes('"NOT_FOUND"'))
      expect(others.map(({ text: body }) => body)).toEqual([])
      expect(log.filter((line) => CONFUSED.test(line))).toEqual([])
      expect(pooler.log()).not.toMatch(CONFUSED)
      expect(await settings()).toEqual(before)
    })

    test('a write that is sent twice with one key at the same time is done once', async () => {
      const pairs = Array.from({ length: 20 }, async (_, n) => {
        const headers = { 'idempotency-key': `pair-${n}` }
        const send = () =>
          faces.rest('POST /api/notes', { as: 'ann', headers, body: { body: `pair${n}` } })
        const both = await Promise.all([send(), send()])
        const again = await send()
        expect([again.status, again.headers['idempotency-replayed']]).toEqual([201, 'true'])
        for (const { status, text: body } of both)
          expect([
            [201, again.text],
            [409, body],
          ]).toContainEqual([status, body]) // it ran just then
      })
      await Promise.all(pairs)
      const doubled = await faces.sql(
        `select body from notes where body like 'pair%' group by body having count(*) <> 1`,
      )
      expect(doubled).toEqual([])
      expect((await faces.sql(`select 1 from notes where body like 'pair%'`)).length).toBe(20)
    })
  })
})
