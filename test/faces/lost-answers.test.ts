// The network fails in the middle of a request: what may be done or not is said so, on both faces, and nothing is done twice.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { declare } from '../../src/schema/declare/declare.ts'
import { createDatabase, onDatabase } from '../support/databases.ts'
import { type FaultyProxy, loseAnswerOf, openFaultyProxy } from '../support/faulty-proxy.ts'
import { type Faces, faultOf, openFaces, type Reply } from './http.ts'

const notes = pgTable('notes', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  body: text().notNull(),
})
const relations = defineRelations({ notes })
const { resource, access } = declare({ relations })
const { everyone } = access
const note = resource('notes', {
  access: { read: everyone, create: everyone, update: everyone, delete: everyone },
})

onDatabase('postgres', (open) => {
  let faces: Faces
  let proxy: FaultyProxy
  let drop: () => Promise<void>
  beforeAll(async () => {
    const made = await createDatabase('postgres')
    drop = made.drop
    proxy = await openFaultyProxy(made.url)
    const database = await open({ url: proxy.url, poolMax: 3 })
    faces = await openFaces(database, { notes }, { name: 'Notes', relations, resources: { note } })
    await writeAll() // what is planned and prepared on first use is
  })
  afterAll(async () => {
    proxy.close()
    await drop()
  })
  beforeEach(async () => {
    proxy.loses = () => false
    proxy.drops = () => false
    await faces.sql('truncate notes')
  })

  const stored = async () => Number((await faces.sql('select count(*) from notes'))[0]?.[0])
  let made = 0
  const sent = (withKey: boolean) => ({
    as: 'ann',
    headers: withKey ? { 'idempotency-key': `k-${(made += 1)}` } : {},
  })
  const batch = ['a', 'b', 'c'].map((body) => ({
    method: 'POST',
    path: '/api/notes',
    body: { body },
  }))
  /** Writes of one statement, writes in a transaction, and writes with a key, on both faces. */
  const plain: Readonly<Record<string, (withKey: boolean) => Promise<Reply>>> = {
    'a create on REST': (withKey) =>
      faces.rest('POST /api/notes', { ...sent(withKey), body: { body: 'x' } }),
    'a create on GraphQL': (withKey) =>
      faces.graphql('mutation { createNote(input: { body: "x" }) { id } }', sent(withKey)),
  }
  const together: typeof plain = {
    'a batch on REST': (withKey) =>
      faces.rest('POST /api/batch', { ...sent(withKey), body: { requests: batch } }),
    'three mutations on GraphQL': (withKey) =>
      faces.graphql(
        'mutation { a: createNote(input: { body: "a" }) { id } b: createNote(input: { body: "b" }) { id } c: createNote(input: { body: "c" }) { id } }',
        sent(withKey),
      ),
  }
  const writeAll = async () => {
    for (const write of [...Object.values(plain), ...Object.values(together)])
      for (const withKey of [false, true]) await write(withKey)
  }
  const inTransactions = [
    ...Object.entries(plain).map(
      ([name, write]) => [`${name} with a key`, () => write(true)] as const,
    ),
    ...Object.entries(together).flatMap(([name, write]) => [
      [name, () => write(false)] as const,
      [`${name} with a key`, () => write(true)] as const,
    ]),
  ]
  const unknown = ['UNAVAILABLE', 'document  outcome_unknown']
  const rowsOf = (name: string) => (name.startsWith('a create') ? 1 : 3)

  describe('a write whose answer is lost', () => {
    test.each(Object.entries(plain))('is of unknown outcome: %s', async (_name, write) => {
      loseAnswerOf(proxy, 'INSERT')
      const reply = await write(false)
      expect(faultOf(reply)).toEqual(unknown)
      expect(reply.headers['retry-after']).toBeUndefined()
      expect(reply.text).toContain('Idempotency-Key')
      expect(await stored()).toBe(1) // it was done
    })

    test.each(inTransactions)(
      'is answered as done where it was committed: %s',
      async (name, write) => {
        loseAnswerOf(proxy, 'COMMIT')
        const reply = await write()
        expect([reply.status, faultOf(reply)], reply.text).toEqual([
          name.includes('create on REST') ? 201 : 200,
          [undefined],
        ])
        expect(await stored()).toBe(rowsOf(name))
      },
    )

    test.each(inTransactions)(
      'may be tried again where it was not committed: %s',
      async (_name, write) => {
        proxy.drops = (bytes) => bytes.includes('COMMIT')
        const reply = await write()
        expect(faultOf(reply)).toEqual(['UNAVAILABLE'])
        if (reply.status === 503) expect(reply.headers['retry-after']).toBe('1')
        expect(await stored()).toBe(0)
      },
    )

    test.each(Object.entries(together))(
      'is of unknown outcome where the database cannot be asked: %s',
      async (_name, write) => {
        proxy.loses = ({ type, text: tag }) => {
          if (type !== 'C' || !tag.startsWith('COMMIT')) return false
          proxy.drops = () => true // all that is asked from now on
          return true
        }
        const reply = await write(false)
        expect(faultOf(reply)).toEqual(unknown)
        expect(reply.headers['retry-after']).toBeUndefined()
        proxy.drops = () => false
        proxy.loses = () => false
        expect(await stored()).toBe(3)
      },
    )
  })

  test('a write with a key whose answer was lost is answered again as it was', async () => {
    const again = { ...sent(true), body: { body: 'x' } }
    loseAnswerOf(proxy, 'COMMIT')
    const first = await faces.rest('POST /api/notes', again)
    const second = await faces.rest('POST /api/notes', again)
    expect([second.text, second.headers['idempotency-replayed']]).toEqual([first.text, 'true'])
    expect(await stored()).toBe(1)
  })

  test('a read whose connection is lost is tried once more, on both faces', async () => {
    for (const read of [
      () => faces.rest('GET /api/notes'),
      () => faces.graphql('{ notes { nodes { id } } }'),
    ]) {
      loseAnswerOf(proxy, 'SELECT')
      expect((await read()).status).toBe(200)
      proxy.loses = ({ type, text: tag }) => type === 'C' && tag.startsWith('SELECT')
      expect(faultOf(await read())).toEqual(['UNAVAILABLE'])
      proxy.loses = () => false
    }
  })

  describe('round trips', () => {
    const count = async (work: () => Promise<Reply>) => {
      await work()
      const before = proxy.roundTrips
      const reply = await work()
      expect(faultOf(reply)).toEqual([undefined])
      return proxy.roundTrips - before
    }

    test.each(Object.entries(plain))('%s takes 1, and 4 with a key', async (_name, write) => {
      expect(await count(() => write(false))).toBe(1)
      expect(await count(() => write(true))).toBeLessThanOrEqual(4)
    })

    test.each(Object.entries(together))('%s takes at most 4', async (_name, write) => {
      expect(await count(() => write(false))).toBeLessThanOrEqual(4)
    })
  })
})
