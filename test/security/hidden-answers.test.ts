// With introspection off, names that a write or an operation would answer are unknown where the caller may read none of its rows;
// and a refusal that is kept with its key has no more names than the first one.
import { defineRelations } from 'drizzle-orm'
import { customType, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { declare } from '../../src/schema/declare/declare.ts'
import { gateway } from '../../src/server/gateway.ts'
import { type Faces, openFaces } from '../faces/http.ts'
import { onDatabase } from '../support/databases.ts'
import { relations, tables } from './docs-and-notes.ts'
import { absent, leftOf, normalized } from './hidden-names-support.ts'

const { resource, operation, access } = declare({ relations, caller: z.object({}) })
const { everyone, role } = access
const staff = role('staff')

const doc = resource('docs', {
  access: { read: staff, create: everyone },
  fields: { name: { read: staff } },
})

/** Everybody writes letters, which staff alone read; an operation answers one. */
const letters = gateway({
  name: 'Letters',
  relations,
  resources: { doc, note: resource('notes', { access: { read: staff } }) },
  operations: {
    poke: operation({
      kind: 'mutation',
      rest: 'POST /poke',
      access: everyone,
      input: z.object({ id: z.int32().optional() }),
      output: doc,
      handle: async () => null,
    }),
  },
})

onDatabase('pglite', (open) => {
  describe('what a caller writes and may not read', () => {
    const serve = async (): Promise<Faces> =>
      openFaces(await open(), tables, letters, { INTROSPECTION: 'false', COST_BUDGET: '1000' })
    const body = { id: 1, name: 'x' }

    test.each<[string, string, (query: string) => [string, unknown]]>([
      ['a create, its field', 'name', (n) => [`POST /api/docs?fields=${n}`, body]],
      ['a create, its relation', 'notes', (n) => [`POST /api/docs?include=${n}`, body]],
      ['several creates', 'name', (n) => [`POST /api/docs/batch?fields=${n}`, [body]]],
      ['an operation', 'name', (n) => [`POST /api/poke?fields=${n}`, {}]],
      ['an operation, its relation', 'notes', (n) => [`POST /api/poke?include=${n}`, {}]],
      [
        'a batch',
        'name',
        (n) => [
          'POST /api/batch',
          { requests: [{ method: 'POST', path: `/api/docs?fields=${n}`, body }] },
        ],
      ],
    ])('%s', async (_what, name, request) => {
      const faces = await serve()
      const ask = (one: string) => {
        const [what, sent] = request(one)
        return faces.rest(what, { body: sent })
      }
      const [hidden, unknown] = [await ask(name), await ask(absent(name))]
      expect(hidden.status).toBeGreaterThanOrEqual(400)
      expect(normalized(hidden, name)).toBe(normalized(unknown, absent(name)))
      expect(leftOf(hidden)).toBe(leftOf(unknown))
      expect(await faces.sql('select * from docs')).toEqual([])
    })

    test('is written where no name of it is asked for', async () => {
      const faces = await serve()
      expect((await faces.rest('POST /api/docs', { body })).status).toBe(201)
      expect((await faces.rest('POST /api/docs?fields=name', { body, as: 'staff' })).status).toBe(
        409,
      )
      expect(await faces.sql('select name from docs')).toEqual([['x']])
      expect(
        (await faces.rest('POST /api/docs?fields=id', { body: { id: 2, name: 'y' } })).status,
      ).toBe(201)
    })
  })
})

onDatabase('pglite', (open) => {
  test('a number before a document is a syntax error, whatever documents other callers have sent', async () => {
    const faces = await openFaces(await open(), tables, letters, { INTROSPECTION: 'false' })
    await faces.graphql('{ __typename }')
    await faces.graphql('{ __typename }', { as: 'staff' })
    for (const as of ['ann', 'staff']) {
      for (const number of [0, 1, 2, 3]) {
        const { text: told } = await faces.graphql(`${number} { __typename }`, { as })
        expect(told).toMatch(/Syntax Error/)
      }
    }
  })
})

const code = customType<{ data: string }>({ dataType: () => 'code4' })
const vaults = pgTable('vaults', {
  id: integer().primaryKey(),
  pin: code(),
  secret: code(),
  name: text(),
})
const vaultRelations = defineRelations({ vaults })
const vault = declare({ relations: vaultRelations, caller: z.object({}) })
const vaultsGateway = gateway({
  name: 'Vaults',
  relations: vaultRelations,
  resources: {
    vault: vault.resource('vaults', {
      access: { read: vault.access.everyone, create: vault.access.signedIn },
      fields: { secret: { read: vault.access.role('staff'), write: vault.access.role('staff') } },
    }),
  },
})

onDatabase('pglite', (open) => {
  test('a refusal that is repeated for its key has the names of the first answer', async () => {
    const database = await open()
    await database.query({
      text: 'create domain code4 as text check (length(value) = 4)',
      values: [],
    })
    const faces = await openFaces(database, { vaults }, vaultsGateway, { INTROSPECTION: 'false' })
    const ask = () =>
      faces.rest('POST /api/vaults', {
        as: 'ann',
        body: { id: 1, pin: 'bad' },
        headers: { 'idempotency-key': 'a-key-of-ann' },
      })
    const [first, again] = [await ask(), await ask()]
    expect([first.status, again.headers['idempotency-replayed']]).toEqual([422, 'true'])
    expect(first.body.issues[0].message).toBe('A value breaks a rule of its type.')
    expect(again.body.issues).toEqual(first.body.issues)
  })
})
