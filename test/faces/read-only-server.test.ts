// The server has become read-only, as it does where a failover made it a replica: writes move to new connections, or are READ_ONLY.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { Client } from 'pg'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { z } from 'zod'
import { declare } from '../../src/schema/declare/declare.ts'
import { createDatabase, onDatabase } from '../support/databases.ts'
import { type Faces, faultOf, openFaces, type Reply } from './http.ts'

const notes = pgTable('notes', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  body: text().notNull(),
})
const relations = defineRelations({ notes })
const { resource, operation, access } = declare({ relations })
const { everyone } = access
const declaration = {
  name: 'Notes',
  relations,
  resources: {
    note: resource('notes', {
      access: { read: everyone, create: everyone, update: everyone, delete: everyone },
    }),
  },
  operations: {
    addNote: operation({
      kind: 'mutation',
      rest: 'POST /add',
      access: everyone,
      input: z.object({ body: z.string() }),
      output: z.object({ count: z.int32() }),
      async handle({ input: { body }, tx }) {
        await tx.insert(notes).values({ body })
        return { count: await tx.$count(notes) }
      },
    }),
  },
} as const

const POOL_MAX = 3

onDatabase('postgres', (open) => {
  let faces: Faces
  let database: Database
  let admin: Client
  let drop: () => Promise<void>
  beforeAll(async () => {
    const made = await createDatabase('postgres')
    drop = made.drop
    database = await open({ url: made.url, poolMax: POOL_MAX })
    faces = await openFaces(database, { notes }, declaration)
    admin = new Client({ connectionString: made.url })
    await admin.connect()
  })
  afterAll(async () => {
    await admin.end()
    await drop()
  })
  beforeEach(async () => {
    await newSessions('off')
    await admin.query('truncate notes')
    await sleep(1000) // connections are replaced once a second
  })

  /** What sessions are that begin after it. */
  const newSessions = (readOnly: 'on' | 'off') =>
    admin.query(
      `do $$ begin execute format('alter database %I set default_transaction_read_only = ${readOnly}', current_database()); end $$`,
    )
  /** Makes all sessions of the pool read-only, and says which there are. */
  const makeReadOnly = () =>
    inEachSession("set_config('default_transaction_read_only', 'on', false)")
  const inEachSession = async (expression: string): Promise<readonly string[]> => {
    const statement = `select pg_backend_pid(), ${expression} from pg_sleep(0.3)`
    const asked = Array.from({ length: POOL_MAX }, () =>
      database.query({ text: statement, values: [] }),
    )
    const pids = (await Promise.all(asked)).map(({ rows }) => rows[0]?.[0] ?? '')
    expect(new Set(pids).size).toBe(POOL_MAX)
    return pids
  }
  const openSessions = async (): Promise<readonly string[]> => {
    const { rows } = await admin.query<{ pid: string }>(
      'select pid::text from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
    return rows.map(({ pid }) => pid)
  }
  const stored = async () => {
    const { rows } = await admin.query<{ n: number }>('select count(*)::int as n from notes')
    return rows[0]?.n
  }

  let keys = 0
  const withKey = () => ({ as: 'ann', headers: { 'idempotency-key': `k-${(keys += 1)}` } })
  const body = { body: 'x' }
  const create = { method: 'POST', path: '/api/notes', body }
  const mutation = 'mutation { createNote(input: { body: "x" }) { id } }'
  const writes: Readonly<Record<string, () => Promise<Reply>>> = {
    'a create on REST': () => faces.rest('POST /api/notes', { body }),
    'a create on REST with a key': () => faces.rest('POST /api/notes', { ...withKey(), body }),
    'a batch on REST': () => faces.rest('POST /api/batch', { body: { requests: [create] } }),
    'an operation on REST': () => faces.rest('POST /api/add', { body }),
    'a create on GraphQL': () => faces.graphql(mutation),
    'a create on GraphQL with a key': () => faces.graphql(mutation, withKey()),
    'two mutations on GraphQL': () =>
      faces.graphql(
        'mutation { createNote(input: { body: "x" }) { id } b: addNote(input: { body: "x" }) { count } }',
      ),
  }

  test.each(Object.entries(writes))(
    'is done once, on a new connection, where the old ones lead to a replica: %s',
    async (name, write) => {
      await write() // what is planned and prepared on first use is
      await admin.query('truncate notes')
      const old = await makeReadOnly()
      const reply = await write()
      expect(reply.status, reply.text).toBeLessThan(300)
      expect(faultOf(reply)).toEqual([undefined])
      expect(await stored()).toBe(name.startsWith('two') ? 2 : 1)
      await inEachSession('1')
      expect((await openSessions()).filter((pid) => old.includes(pid))).toEqual([])
    },
  )

  test.each(Object.entries(writes))(
    'is READ_ONLY where new connections lead there too, until they do not: %s',
    async (_name, write) => {
      await newSessions('on')
      await makeReadOnly()
      const reply = await write()
      expect(faultOf(reply)).toEqual(['READ_ONLY'])
      if (reply.status !== 200)
        expect([reply.status, reply.headers['retry-after']]).toEqual([503, '5'])
      expect(await stored()).toBe(0)
      expect((await faces.rest('GET /api/notes')).status).toBe(200)
      await newSessions('off')
      await expect.poll(async () => faultOf(await write()), { timeout: 5000 }).toEqual([undefined])
    },
  )

  test('many writes to a read-only server open few connections', async () => {
    await newSessions('on')
    await makeReadOnly()
    const seen = new Set<string>()
    const begun = performance.now()
    for (let i = 0; i < 50; i += 1) {
      expect(faultOf(await faces.rest('POST /api/notes', { body }))).toEqual(['READ_ONLY'])
      for (const pid of await openSessions()) seen.add(pid)
    }
    const seconds = Math.ceil((performance.now() - begun) / 1000)
    expect(seen.size).toBeLessThanOrEqual(POOL_MAX * (1 + seconds))
  })
})
