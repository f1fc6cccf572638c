// A hostile value costs a request no more than its length allows, on every way in of both faces; and no check of it runs after
// one that refused it.
import { defineRelations } from 'drizzle-orm'
import { integer, numeric, pgTable, text } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { declare } from '../../src/schema/declare/declare.ts'
import { gateway } from '../../src/server/gateway.ts'
import { openTestGateway } from '../../src/testing/test-gateway.ts'
import type { TestGateway } from '../../src/parity/gateway.ts'
import { onDatabase } from '../support/databases.ts'

const notes = pgTable('notes', {
  id: integer().primaryKey(),
  price: numeric({ precision: 12, scale: 2 }),
  words: text(),
  long: text(),
  tags: text().array(),
})
const relations = defineRelations({ notes })
const {
  resource,
  operation,
  access: { everyone },
} = declare({ relations })

/** The values that the team's validators got. */
const seen: unknown[] = []
const see = (value: unknown): boolean => {
  seen.push(value)
  return true
}

const declaration = gateway({
  name: 'Hostile',
  relations,
  resources: {
    note: resource('notes', {
      access: { read: everyone, create: everyone, update: everyone },
      writes: ['upsert'],
      fields: {
        price: { validate: (price) => price.refine(see) },
        words: { validate: (words) => words.refine(see) },
        long: { validate: (long) => long.max(12_000).refine(see) },
        tags: { validate: (tags) => tags.refine(see) },
      },
    }),
  },
  operations: {
    say: operation({
      kind: 'mutation',
      rest: 'POST /say',
      access: everyone,
      description: 'Says it.',
      output: z.object({ ok: z.boolean() }),
      handle: () => Promise.resolve({ ok: true }),
      input: z.object({ words: z.string().refine(see), long: z.string().max(12_000).refine(see) }),
    }),
  },
})

/** A literal is in the document, which has at most 16 KB. */
const LITERAL = 12_000
const LENGTH = 180_000
const MAX_CPU_MS = 200
const prices: readonly (readonly [name: string, price: string])[] = [
  ['zeros between ones', `1${'0'.repeat(LENGTH)}1`],
  ['zeros behind the point', `0.${'0'.repeat(LENGTH)}1`],
  ['zeros', '0'.repeat(LENGTH)],
]

onDatabase('pglite', (open) => {
  let server: TestGateway
  beforeAll(async () => {
    const database = await open({ relations })
    await database.query({
      text: 'create table notes (id integer primary key, price numeric(12, 2), words text, long text, tags text[])',
      values: [],
    })
    await database.query({ text: 'insert into notes (id) values (1)', values: [] })
    server = await openTestGateway(declaration, { database })
  })
  afterAll(() => server.close())
  const send = async (method: 'POST' | 'PUT' | 'PATCH', url: string, payload: object) => {
    seen.length = 0
    const before = process.cpuUsage()
    const { statusCode, body } = await server.app.inject({ method, url, payload })
    const { user, system } = process.cpuUsage(before)
    return { status: statusCode, body, milliseconds: (user + system) / 1000 }
  }

  const ways: readonly (readonly [
    way: string,
    send: (input: object) => ReturnType<typeof send>,
  ])[] = [
    ['POST', (input) => send('POST', '/api/notes', { id: 2, ...input })],
    [
      'a batch',
      (input) =>
        send('POST', '/api/batch', {
          requests: [{ method: 'POST', path: '/api/notes', body: { id: 2, ...input } }],
        }),
    ],
    ['PUT', (input) => send('PUT', '/api/notes/1', input)],
    ['PATCH', (input) => send('PATCH', '/api/notes/1', input)],
    [
      'a variable',
      (input) =>
        send('POST', '/graphql', {
          query: 'mutation ($input: NoteCreate!) { createNote(input: $input) { id } }',
          variables: { input: { id: 2, ...input } },
        }),
    ],
    [
      'a literal',
      (input) =>
        send('POST', '/graphql', {
          query: `mutation { createNote(input: { id: 2, ${Object.entries(input)
            .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
            .join(', ')} }) { id } }`,
        }),
    ],
  ]

  describe.each(ways)('by %s', (way, write) => {
    test.each(prices)('%s are refused within 200 ms of CPU', async (_name, price) => {
      const warm = await write({ price: 'x' }) // the code of the way is compiled
      expect(warm.body).toContain('wrong_type')
      const { body, milliseconds } = await write({
        price: way === 'a literal' ? price.slice(0, LITERAL) : price,
      })
      expect(body).toContain('Expected a decimal number')
      expect(seen).toEqual([])
      expect(milliseconds).toBeLessThanOrEqual(MAX_CPU_MS)
    })

    test("a value that the column cannot hold never reaches the team's validator", async () => {
      expect((await write({ price: '1.234' })).body).toContain(
        'At most 2 digits after the point are kept.',
      )
      expect(seen).toEqual([])
    })

    test.each([
      ['text', { words: 'a'.repeat(10_001) }, 10_000],
      ['text of a list', { tags: ['b', 'a'.repeat(10_001)] }, 10_000],
      ['text with a max', { long: 'a'.repeat(12_001) }, 12_000],
    ])("%s that is too long never reaches the team's validator", async (_name, input, most) => {
      const { body } = await write(input)
      expect(body).toContain('VALIDATION_FAILED')
      expect(body).toContain('too_big')
      expect(body).toContain(`At most ${most} characters.`)
      expect(seen).toEqual([])
    })

    test("text within the limit reaches the team's validator", async () => {
      await write({ words: 'a'.repeat(10_000) })
      expect(seen.map((value) => String(value).length)).toEqual([10_000])
      await write({ long: 'a'.repeat(12_000) })
      expect(seen.map((value) => String(value).length)).toEqual([12_000])
    })
  })

  test.each([
    ['words', 10_001, 10_000],
    ['long', 12_001, 12_000],
  ])('the input of an operation is bounded too: %s', async (name, length, most) => {
    const input = { words: 'a', long: 'a', [name]: 'a'.repeat(length) }
    const answers = [
      await send('POST', '/api/say', input),
      await send('POST', '/graphql', {
        query: 'mutation ($input: SayInput!) { say(input: $input) { ok } }',
        variables: { input },
      }),
    ]
    for (const { body } of answers) {
      expect(body).toContain('VALIDATION_FAILED')
      expect(body).toContain(`At most ${most} characters.`)
    }
    expect(seen).toEqual([])
    expect((await send('POST', '/api/say', { words: 'a'.repeat(10_000), long: 'a' })).status).toBe(
      200,
    )
  })
})
