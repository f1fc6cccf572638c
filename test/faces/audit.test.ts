// The audit: who wrote which row on which face by which request, in the write's own transaction, and read by policy.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Database } from '../../src/db/database.ts'
import { auditTable } from '../../src/index.ts'
import { declare, type Vocabulary } from '../../src/schema/declare/declare.ts'
import { buildGatewayModel } from '../../src/server/gateway-model.ts'
import { ModelError } from '../../src/schema/declare/model-error.ts'
import { readConfig } from '../../src/server/config/config.ts'
import { openGateway } from '../../src/server/open-gateway.ts'
import { createTables } from '../engine/support.ts'
import { administer, createDatabase, eachDatabase, onDatabase } from '../support/databases.ts'
import { type Faces, openFaces, type Reply, type Sent } from './http.ts'

const notes = pgTable('notes', {
  id: integer().primaryKey().generatedByDefaultAsIdentity(),
  slug: text().notNull().unique(),
  body: text().notNull(),
  author: text().notNull(),
})
const remarks = pgTable('remarks', {
  id: uuid().primaryKey().defaultRandom(),
  noteId: integer().references(() => notes.id),
  body: text().notNull(),
})
const labels = pgTable(
  'labels',
  { noteId: integer(), name: text(), weight: integer() },
  (table) => [primaryKey({ columns: [table.noteId, table.name] })],
)
const drafts = pgTable('drafts', {
  id: integer().primaryKey().generatedByDefaultAsIdentity(),
  body: text(),
})
const tables = { notes, remarks, labels, drafts }
const relations = defineRelations({ ...tables, auditEntries: auditTable }, (r) => ({
  notes: { remarks: r.many.remarks({ from: r.notes.id, to: r.remarks.noteId }) },
  remarks: { note: r.one.notes({ from: r.remarks.noteId, to: r.notes.id }) },
}))
const { resource, access, operation } = declare({
  relations,
  caller: z.object({ user: z.string() }).partial(),
})
const all = {
  read: access.everyone,
  create: access.everyone,
  update: access.everyone,
  delete: access.everyone,
}
const CANARY = 'CANARY'

const mutation = (rest: 'POST /shout' | 'POST /whisper', audit?: boolean) =>
  operation({
    kind: 'mutation',
    rest,
    ...(audit === undefined ? {} : { audit }),
    access: access.everyone,
    input: z.object({ fail: z.boolean().optional() }),
    output: z.object({ done: z.boolean() }),
    async handle({ input, tx }) {
      await tx.insert(drafts).values({ body: CANARY })
      if (input.fail === true) throw new Error('The handler failed.')
      return { done: true }
    },
  })
/** It tells the audit itself what it has written. */
const archive = operation({
  kind: 'mutation',
  rest: 'POST /archive',
  audit: false,
  access: access.everyone,
  input: z.object({ fail: z.boolean().optional() }),
  output: z.object({ done: z.boolean() }),
  async handle({ input, tx, audit }) {
    await tx.insert(drafts).values({ body: CANARY })
    await audit({
      verb: 'archive',
      resource: 'draft',
      key: { id: 7n, part: 'a' },
      changed: ['body'],
    })
    await audit({ verb: 'open', resource: 'shelf', key: { name: 'x'.repeat(2000) } })
    if (input.fail === true) throw new Error('The handler failed.')
    return { done: true }
  },
})
const declaration = {
  name: 'Notes',
  relations,
  audit: true,
  resources: {
    note: resource('notes', {
      access: { ...all, update: access.any(access.owner('author', 'user'), access.role('staff')) },
      writes: ['upsert', 'updateMany', 'deleteMany'],
      nested: ['remarks'],
    }),
    remark: resource('remarks', { access: all, nested: ['note'] }),
    label: resource('labels', { access: all }),
    draft: resource('drafts', { access: all, audit: false }),
    auditEntry: resource('auditEntries', {
      access: { read: access.any(access.role('staff'), access.owner('subject', 'user')) },
    }),
  },
  operations: {
    shout: mutation('POST /shout'),
    whisper: mutation('POST /whisper', false),
    archive,
  },
}

const COLUMNS =
  'via, issuer, subject, verb, resource, key::text, array_to_string(changed, $1), face, request_id, operation'

/** A write by each face, over the notes 1 (of ann) and 2 (of bob), and its entries: verb, resource, key, fields. */
interface Door {
  readonly name: string
  readonly operation: string
  readonly rest: readonly [string, unknown?]
  readonly graphql: string
  readonly entries: readonly (readonly (string | null)[])[]
}

const given = (slug: string) => ({ slug, body: CANARY, author: 'ann' })
const literal = (slug: string) => `{ slug: "${slug}", body: "${CANARY}", author: "ann" }`
const ALL = 'slug,body,author'
const NEXT = '{"id": "3"}'
const UUID = expect.stringMatching(/^\{"id": "[0-9a-f-]{36}"\}$/) as string

const doors: readonly Door[] = [
  {
    name: 'a create',
    operation: 'createNote',
    rest: ['POST /api/notes', given('c')],
    graphql: `createNote(input: ${literal('c')}) { id }`,
    entries: [['create', 'note', NEXT, ALL]],
  },
  {
    name: 'an update',
    operation: 'updateNote',
    rest: ['PATCH /api/notes/1', { body: CANARY }],
    graphql: `updateNote(id: 1, input: { body: "${CANARY}" }) { id }`,
    entries: [['update', 'note', '{"id": "1"}', 'body']],
  },
  {
    name: 'an update with a related row in its answer',
    operation: 'updateNote',
    rest: ['PATCH /api/notes/1?include=remarks', { body: CANARY }],
    graphql: `updateNote(id: 1, input: { body: "${CANARY}" }) { remarks { nodes { id } } }`,
    entries: [['update', 'note', '{"id": "1"}', 'body']],
  },
  {
    name: 'a delete',
    operation: 'deleteNote',
    rest: ['DELETE /api/notes/2'],
    graphql: 'deleteNote(id: 2) { id }',
    entries: [['delete', 'note', '{"id": "2"}', '']],
  },
  {
    name: 'a delete by a composite key',
    operation: 'deleteLabel',
    rest: ['DELETE /api/labels/1,red'],
    graphql: 'deleteLabel(noteId: 1, name: "red") { name }',
    entries: [['delete', 'label', '{"name": "red", "noteId": "1"}', '']],
  },
  {
    name: 'an upsert that creates',
    operation: 'upsertNoteBySlug',
    rest: ['PUT /api/notes/by/slug/c', { body: CANARY, author: 'ann' }],
    graphql: `upsertNoteBySlug(input: ${literal('c')}) { created }`,
    entries: [['create', 'note', NEXT, ALL]],
  },
  {
    name: 'an upsert that updates',
    operation: 'upsertNoteBySlug',
    rest: ['PUT /api/notes/by/slug/a', { body: CANARY, author: 'ann' }],
    graphql: `upsertNoteBySlug(input: ${literal('a')}) { created }`,
    entries: [['update', 'note', '{"id": "1"}', 'body,author']],
  },
  {
    name: 'a create of several rows',
    operation: 'createNotes',
    rest: ['POST /api/notes/batch', [given('c'), given('d')]],
    graphql: `createNotes(inputs: [${literal('c')}, ${literal('d')}]) { id }`,
    entries: [
      ['create', 'note', NEXT, ALL],
      ['create', 'note', '{"id": "4"}', ALL],
    ],
  },
  {
    name: 'an update by filter',
    operation: 'updateNotes',
    rest: ['PATCH /api/notes?id[gte]=1&atMost=2', { body: CANARY }],
    graphql: `updateNotes(where: { id: { gte: 1 } }, input: { body: "${CANARY}" }, atMost: 2) { id }`,
    entries: [
      ['update', 'note', '{"id": "1"}', 'body'],
      ['update', 'note', '{"id": "2"}', 'body'],
    ],
  },
  {
    name: 'a delete by filter',
    operation: 'deleteNotes',
    rest: ['DELETE /api/notes?id[gte]=2&atMost=2'],
    graphql: 'deleteNotes(where: { id: { gte: 2 } }, atMost: 2) { id }',
    entries: [['delete', 'note', '{"id": "2"}', '']],
  },
  {
    name: 'a create along relations',
    operation: 'createNote',
    rest: ['POST /api/notes', { ...given('c'), remarks: { create: [{ body: CANARY }] } }],
    graphql: `createNote(input: { slug: "c", body: "${CANARY}", author: "ann", remarks: { create: [{ body: "${CANARY}" }] } }) { id }`,
    entries: [
      ['create', 'note', NEXT, ALL],
      ['create', 'remark', UUID, 'body,noteId'],
    ],
  },
  {
    name: "an operation of the team's own",
    operation: 'shout',
    rest: ['POST /api/shout', {}],
    graphql: 'shout(input: {}) { done }',
    entries: [['shout', null, null, '']],
  },
]

eachDatabase((_kind, open) => {
  let faces: Faces
  /** What was sent: the text of a statement that runs alone, or that a transaction began. */
  const sentAlone: string[] = []
  beforeAll(async () => {
    const database = await open({ relations })
    const watched: Database = {
      ...database,
      write: (statement, take, options) => {
        sentAlone.push(statement.text)
        return database.write(statement, take, options)
      },
      transaction: (work, options) => {
        sentAlone.push('begin')
        return database.transaction(work, options)
      },
    }
    faces = await openFaces(watched, tables, declaration)
  })
  beforeEach(async () => {
    await faces.sql(
      `with a as (delete from bifrons.audit), r as (delete from remarks), l as (delete from labels) delete from notes`,
    )
    await faces.sql('delete from drafts')
    await faces.sql('alter table notes alter column id restart with 3')
    await faces.sql(
      `insert into notes (id, slug, body, author) values (1, 'a', 'A', 'ann'), (2, 'b', 'B', 'bob')`,
    )
    await faces.sql(`insert into labels values (1, 'red', 1)`)
  })

  const entries = () => faces.sql(`select ${COLUMNS} from bifrons.audit order by id`, ',')
  const send = (face: 'rest' | 'graphql', { rest, graphql }: Door, sent: Sent): Promise<Reply> =>
    face === 'rest'
      ? faces.rest(rest[0], { ...sent, ...(rest[1] === undefined ? {} : { body: rest[1] }) })
      : faces.graphql(`mutation { ${graphql} }`, sent)

  describe.each(['rest', 'graphql'] as const)('on %s', (face) => {
    test.each(doors)('$name is audited, by names and without values', async (door) => {
      const answer = await send(face, door, { as: 'staff~home' })
      expect([answer.status, answer.body?.errors]).toEqual([
        expect.toSatisfy((status: number) => status < 300),
        undefined,
      ])
      expect(await entries()).toEqual(
        door.entries.map(([verb, ...row]) => [
          'jwt',
          'home',
          'staff',
          verb,
          ...row,
          face,
          answer.headers['x-request-id'],
          door.operation,
        ]),
      )
      expect(
        await faces.sql(
          'select 1 from bifrons.audit as entry where entry::text like $1',
          '%CANARY%',
        ),
      ).toEqual([])
    })

    test('a prepared write is audited under its own caller and request', async () => {
      const [create] = doors
      if (create === undefined) throw new Error('There is no door.')
      const slugs = ['c', 'd', 'e', 'f']
      const ids: unknown[] = []
      for (const [i, slug] of slugs.entries()) {
        const one = {
          ...create,
          rest: ['POST /api/notes', given(slug)] as const,
          graphql: `createNote(input: ${literal(slug)}) { id }`,
        }
        const as = ['staff~home', 'staff~away', 'staff', 'staff~home'][i] ?? ''
        ids.push((await send(face, one, { as })).headers['x-request-id'])
      }
      expect((await entries()).map((entry) => [entry[1], entry[5], entry[8]])).toEqual(
        ['home', 'away', null, 'home'].map((issuer, i) => [issuer, `{"id": "${3 + i}"}`, ids[i]]),
      )
    })

    test('the anonymous are named as such', async () => {
      const [create] = doors
      if (create !== undefined) await send(face, create, {})
      expect((await entries()).map((entry) => entry.slice(0, 4))).toEqual([
        ['anonymous', null, null, 'create'],
      ])
    })

    test('a handler appends entries of its own, with its caller and request', async () => {
      const door = { rest: ['POST /api/archive', {}], graphql: 'archive(input: {}) { done }' }
      const answer = await send(face, door as unknown as Door, { as: 'staff~home' }) // no name is needed
      const origin = [face, answer.headers['x-request-id'], 'archive']
      expect(await entries()).toEqual([
        ['jwt', 'home', 'staff', 'archive', 'draft', '{"id": "7", "part": "a"}', 'body', ...origin],
        ['jwt', 'home', 'staff', 'open', 'shelf', `{"name": "${'x'.repeat(1000)}"}`, '', ...origin],
      ])
    })

    test('entries of a handler that fails are undone with what it wrote', async () => {
      const rest = ['POST /api/archive', { fail: true }]
      const door = { rest, graphql: 'archive(input: { fail: true }) { done }' }
      await send(face, door as unknown as Door, { as: 'staff~home' })
      expect(await entries()).toEqual([])
      expect(await faces.sql('select count(*) from drafts')).toEqual([['0']])
    })

    test('what opts out is not audited', async () => {
      const draft: Door = {
        name: 'a draft',
        operation: 'createDraft',
        rest: ['POST /api/drafts', { body: CANARY }],
        graphql: `createDraft(input: { body: "${CANARY}" }) { id }`,
        entries: [],
      }
      const whisper: Door = {
        ...draft,
        rest: ['POST /api/whisper', {}],
        graphql: 'whisper(input: {}) { done }',
      }
      await send(face, draft, {})
      await send(face, whisper, {})
      expect(await faces.sql('select count(*) from drafts')).toEqual([['2']])
      expect(await entries()).toEqual([])
    })
  })

  test('a write of one statement stays one, and without an audit it has no part of it', async () => {
    sentAlone.length = 0
    await faces.rest('POST /api/notes', { as: 'ann', body: given('c') })
    await faces.rest('PATCH /api/notes/1', { as: 'ann', body: { body: CANARY } })
    await faces.rest('DELETE /api/notes/1', { as: 'ann' })
    await faces.rest('POST /api/drafts', { body: { body: CANARY } })
    expect(
      sentAlone.map((sent) => [sent.split(' ', 1)[0], sent.includes('bifrons.audit')]),
    ).toEqual([
      ['with', true],
      ['with', true],
      ['with', true],
      ['insert', false],
    ])
    expect(await entries()).toHaveLength(3)
  })

  test('a write that is refused or undone leaves no entry', async () => {
    const before = await faces.sql('select id, body from notes order by id')
    const answers = [
      await faces.rest('PATCH /api/notes/2', { as: 'ann', body: { body: CANARY } }), // bob's
      await faces.rest('POST /api/notes', { body: given('a') }), // the slug is taken
      await faces.rest('DELETE /api/notes/9'),
      await faces.rest('PATCH /api/notes?id[gte]=1&atMost=2', {
        as: 'ann',
        body: { body: CANARY },
      }),
      await faces.rest('POST /api/notes/batch', { body: [given('c'), given('a')] }),
      await faces.rest('POST /api/shout', { body: { fail: true } }),
      await faces.rest('POST /api/batch', {
        as: 'staff',
        body: {
          requests: [
            { method: 'PATCH', path: '/api/notes/1', body: { body: CANARY } },
            { method: 'DELETE', path: '/api/notes/9' },
          ],
        },
      }),
      await faces.graphql(
        `mutation { createNote(input: ${literal('c')}) { id } deleteNote(id: 9) { id } }`,
      ),
    ]
    expect(answers.map(({ status }) => status)).toEqual([403, 409, 404, 403, 409, 500, 404, 200])
    expect(answers.at(-1)?.body.data).toEqual({ createNote: null, deleteNote: null })
    expect(await faces.sql('select id, body from notes order by id')).toEqual(before)
    expect(await entries()).toEqual([])
  })

  test('several writes of one request are entries with its id', async () => {
    const batch = await faces.rest('POST /api/batch', {
      as: 'staff',
      body: {
        requests: [
          { method: 'PATCH', path: '/api/notes/1', body: { body: CANARY } },
          { method: 'DELETE', path: '/api/notes/2' },
        ],
      },
    })
    const document = await faces.graphql(
      `mutation { createNote(input: ${literal('c')}) { id } shout(input: {}) { done } }`,
    )
    const of = ({ headers }: Reply) => headers['x-request-id']
    expect((await entries()).map((entry) => entry.slice(7))).toEqual([
      ['rest', of(batch), 'updateNote'],
      ['rest', of(batch), 'deleteNote'],
      ['graphql', of(document), 'createNote'],
      ['graphql', of(document), 'shout'],
    ])
  })

  test('a write that is sent again with its idempotency key has one entry, that of the first request', async () => {
    const sent = { as: 'ann', headers: { 'idempotency-key': 'audit-1' } }
    const first = await faces.rest('POST /api/notes', { ...sent, body: given('c') })
    const again = await faces.rest('POST /api/notes', { ...sent, body: given('c') })
    expect(again.headers['idempotency-replayed']).toBe('true')
    const query = `mutation { createNote(input: ${literal('d')}) { id } }`
    const next = { ...sent, headers: { 'idempotency-key': 'audit-2' } }
    const other = await faces.graphql(query, next)
    expect((await faces.graphql(query, next)).headers['idempotency-replayed']).toBe('true')
    expect((await entries()).map((entry) => entry[8])).toEqual([
      first.headers['x-request-id'],
      other.headers['x-request-id'],
    ])
  })

  test('a connected row is audited as an update', async () => {
    const { body } = await faces.rest('POST /api/remarks', { body: { body: CANARY } })
    await faces.rest('POST /api/notes', {
      body: { ...given('c'), remarks: { connect: [{ id: body.id }] } },
    })
    expect((await entries()).map((entry) => entry.slice(3, 7))).toEqual([
      ['create', 'remark', `{"id": "${body.id}"}`, 'body'],
      ['create', 'note', NEXT, ALL],
      ['update', 'remark', `{"id": "${body.id}"}`, 'noteId'],
    ])
  })

  test('entries are read by the policy of their resource, on both faces', async () => {
    await faces.rest('POST /api/notes', { as: 'ann', body: given('c') })
    await faces.rest('POST /api/notes', { as: 'bob', body: given('d') })
    const restOf = async (as: string) =>
      (await faces.rest('GET /api/audit-entries?fields=subject,verb,key,changed', { as })).body.data
    const graphqlOf = async (as: string) =>
      (await faces.graphql('{ auditEntries { nodes { subject verb key changed } } }', { as })).body
        .data.auditEntries.nodes
    const ann = { subject: 'ann', verb: 'create', key: { id: '3' }, changed: ALL.split(',') }
    const bob = { ...ann, subject: 'bob', key: { id: '4' } }
    for (const read of [restOf, graphqlOf]) {
      expect(await read('ann')).toEqual([ann])
      expect(await read('staff')).toEqual([ann, bob])
    }
    expect((await faces.rest('GET /api/audit-entries')).status).toBe(401)
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      expect((await faces.rest(`${method} /api/audit-entries/1`, { as: 'staff' })).status).toBe(405)
  })

  test('a start without the table is a mistake', async () => {
    const database = await open()
    await createTables(database, tables)
    await expect(openGateway(declaration, config, { database })).rejects.toThrow(
      /note\.audit \(and 3 more\) is true, but the table bifrons\.audit is not in the database\. Apply the gateway's own migrations with "bifrons migrate"\./,
    )
  })
})

const config = readConfig({ DATABASE_URL: 'pglite:memory', LOG_LEVEL: 'silent' }, 'development')

onDatabase('postgres', (open) => {
  test('a start whose role may not write the table is a mistake', async () => {
    const { url, drop } = await createDatabase('postgres')
    const owner = await open({ url })
    const role = `audit_${process.pid}`
    const limited = new URL(url)
    limited.username = role
    limited.password = 'secret'
    await openFaces(owner, tables, declaration)
    await administer(`create role ${role} login password 'secret'`)
    try {
      const database = await open({ url: limited.href })
      const { auditEntry: _, ...resources } = declaration.resources // the role may not read the entries
      const opening = () => openGateway({ ...declaration, resources }, config, { database })
      const refusal = /may not insert into bifrons\.audit\. Grant it usage of the schema bifrons/
      await expect(opening()).rejects.toThrow(refusal)
      await owner.query({ text: `grant usage on schema bifrons to ${role}`, values: [] })
      await expect(opening()).rejects.toThrow(refusal)
      await owner.query({ text: `grant insert on bifrons.audit to ${role}`, values: [] })
      await (await opening()).app.close()
      await database.close()
    } finally {
      await owner.query({ text: `drop owned by ${role}`, values: [] })
      await administer(`drop role ${role}`)
      await owner.close()
      await drop()
    }
  })
})

describe('a declaration', () => {
  const mistakesOf = (more: object): readonly string[] => {
    try {
      buildGatewayModel({ ...declaration, ...more })
      return []
    } catch (error) {
      if (error instanceof ModelError) return error.mistakes
      throw error
    }
  }
  const words = { resource, operation } as unknown as Vocabulary<never, never> // what no compiler lets through

  test('is strict about `audit`', () => {
    expect(
      mistakesOf({
        audit: 'yes',
        resources: {
          note: words.resource('notes' as never, { access: all, audit: 1 } as never),
          draft: words.resource('drafts' as never, { access: all, audits: true } as never),
          auditEntry: resource('auditEntries', { access: all, audit: true }),
        },
        operations: {
          peek: operation({
            kind: 'query',
            rest: 'GET /peek',
            audit: true,
            access: access.everyone,
            output: z.object({ done: z.boolean() }),
            handle: async () => ({ done: true }),
          }),
        },
      }),
    ).toEqual([
      'gateway.audit is "yes"; it must be true or false.',
      'note.audit is 1; it must be true or false.',
      expect.stringMatching(/^draft\.audits is no member .* Did you mean audit\?/),
      "resources.auditEntry.access allows writes, but views, tables without a primary key and the gateway's own tables are read-only.",
      'auditEntry.audit is true, but no row of it is written.',
      'operations.peek.audit is true, but the audit is about writes, and a query writes nothing.',
    ])
  })
})
