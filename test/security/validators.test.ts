// The team's validators see no value of a caller who is refused every such request. Faults of shape still come first.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Database } from '../../src/db/database.ts'
import { openEngine } from '../../src/engine/engine.ts'
import { execute } from '../../src/engine/execute.ts'
import { Problem } from '../../src/errors.ts'
import { buildModel } from '../../src/schema/build/build-model.ts'
import { anonymous, type Caller } from '../../src/schema/declare/caller.ts'
import { declare } from '../../src/schema/declare/declare.ts'

const notes = pgTable('notes', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  slug: text().notNull().unique(),
  body: text(),
  owner: text(),
})
const relations = defineRelations({ notes })
const { resource, access, operation } = declare({
  relations,
  caller: z.object({ sub: z.string().optional() }),
})

let looks = 0
/** Refuses every value that it sees. */
const look = (): boolean => {
  looks += 1
  return false
}

const writer = access.role('writer')
const model = buildModel({
  name: 'Notes',
  relations,
  resources: {
    note: resource('notes', {
      access: {
        read: access.everyone,
        create: access.any(writer, access.owner('owner', 'sub')),
        update: writer,
        delete: access.nobody,
      },
      writes: ['updateMany', 'upsert'],
      fields: {
        slug: { validate: (slug) => slug.refine(look, 'A slug.') },
        body: { validate: (body) => body.refine(look, 'A body.').transform((one) => one.trim()) },
      },
    }),
  },
  operations: {
    publish: operation({
      kind: 'mutation',
      rest: 'POST /publish',
      access: writer,
      input: z
        .object({
          at: z.uuid().refine(look, 'A place.'),
          tags: z.array(z.string().min(2).refine(look, 'A tag.')).min(1).max(3).refine(look),
          note: z.object({ text: z.string().trim() }).refine(look, 'A note.').optional(),
        })
        .refine(look, 'A whole.'),
      output: z.object({ ok: z.boolean() }),
      handle: async () => ({ ok: true }),
    }),
    review: operation({
      kind: 'mutation',
      rest: 'POST /review',
      access: (caller) => caller.roles.includes('writer'),
      input: z.object({ at: z.uuid().refine(look, 'A place.') }),
      output: z.object({ ok: z.boolean() }),
      handle: async () => ({ ok: true }),
    }),
  },
})
// Every request here ends before a statement is sent.
const engine = openEngine({ model, database: {} as Database })

const asking: Caller = { via: 'jwt', id: 'reader', roles: [], claims: {} }
const writing: Caller = { ...asking, roles: ['writer'] }

interface Asked {
  readonly key?: unknown
  readonly list?: object
  readonly atMost?: number
  readonly input: unknown
}

async function codeOf(name: string, caller: Caller, asked: Asked): Promise<string> {
  const found = model.operations.find((one) => one.name === name)
  if (found === undefined) throw new Error(`There is no ${name}.`)
  try {
    await execute(engine, {
      operation: found,
      input: asked,
      caller,
      selection: null,
      denied: 'omit',
    })
    return 'done'
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
}

beforeEach(() => {
  looks = 0
})

const place = '00000000-0000-4000-8000-000000000000'
const row = { slug: 'a', body: ' b ' }
const byFilter = { list: { where: { slug: { eq: 'a' } } }, atMost: 1 }
const requests: readonly (readonly [string, Asked, unknown])[] = [
  ['createNote', { input: row }, { ...row, body: 1 }],
  ['createNotes', { input: [row, row] }, [row, { slug: 1 }]],
  ['updateNote', { key: { id: 1 }, input: { body: 'b' } }, { body: 1 }],
  ['updateNotes', { ...byFilter, input: { body: 'b' } }, { body: 1 }],
  ['upsertNoteBySlug', { key: { slug: 'a' }, input: row }, { slug: 'a', body: 1 }],
  [
    'publish',
    { input: { at: place, tags: ['x'], note: { text: 'a' } } },
    { at: 'nowhere', tags: [] },
  ],
]

describe.each(requests)('%s', (name, asked, misshapen) => {
  test('of a caller who is refused meets no validator', async () => {
    expect(await codeOf(name, anonymous, asked)).toBe('UNAUTHENTICATED')
    expect(await codeOf(name, asking, asked)).toBe('FORBIDDEN')
    expect(looks).toBe(0)
  })

  test('of the wrong shape is refused for that first, for every caller', async () => {
    for (const caller of [anonymous, asking, writing])
      expect(await codeOf(name, caller, { ...asked, input: misshapen })).toBe('VALIDATION_FAILED')
  })

  test('of a caller who may is validated', async () => {
    expect(await codeOf(name, writing, asked)).toBe('VALIDATION_FAILED')
    expect(looks).toBeGreaterThan(0)
  })
})

test('a policy that is a function is asked by the authorization alone, after the validators', async () => {
  expect(await codeOf('review', asking, { input: { at: place } })).toBe('FORBIDDEN')
  expect(looks).toBe(1)
})
