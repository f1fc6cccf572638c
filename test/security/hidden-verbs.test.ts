// With introspection off, verbs, operations and nested writes that a caller is denied are no names either, on resources
// of which they may read every field.
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { declare } from '../../src/schema/declare/declare.ts'
import type { GatewayBuilder } from '../../src/graphql/schema/builder.ts'
import { gateway } from '../../src/server/gateway.ts'
import { type Faces, openFaces, type Reply, type Sent } from '../faces/http.ts'
import { onDatabase } from '../support/databases.ts'
import { normalized } from './hidden-names-support.ts'
import { relations, tables } from './docs-and-notes.ts'

const { resource, operation, access } = declare({ relations, caller: z.object({}) })
const { everyone, role } = access
const staff = role('staff')

/** Documents that everybody reads, and staff write; and an operation of staff. */
const readable = gateway({
  name: 'Readable',
  relations,
  resources: {
    doc: resource('docs', { access: { read: everyone, create: staff, delete: staff } }),
  },
  operations: {
    audit: operation({
      kind: 'mutation',
      rest: 'POST /audit',
      access: staff,
      input: z.object({ id: z.int32() }),
      output: z.object({ done: z.boolean() }),
      handle: async () => ({ done: true }),
    }),
    recall: operation({
      kind: 'query',
      rest: 'GET /recall',
      access: staff,
      input: z.object({ id: z.int32() }),
      output: z.object({ done: z.boolean() }),
      handle: async () => ({ done: true }),
    }),
  },
})

/** Everybody creates documents; along them, staff alone create notes. */
const nesting = gateway({
  name: 'Nesting',
  relations,
  resources: {
    doc: resource('docs', {
      access: { read: everyone, create: everyone },
      nested: ['notes'],
    }),
    note: resource('notes', { access: { read: everyone, create: staff } }),
  },
})

/** Everybody creates notes of documents that are there. */
const connecting = gateway({
  name: 'Connecting',
  relations,
  resources: {
    doc: resource('docs', { access: { read: everyone, create: staff } }),
    note: resource('notes', { access: { read: everyone, create: everyone }, nested: ['doc'] }),
  },
})

onDatabase('pglite', (open) => {
  const serve = async (declaration: Parameters<typeof openFaces>[2]): Promise<Faces> =>
    openFaces(await open(), tables, declaration, { INTROSPECTION: 'false' })

  describe.each<[string, Sent]>([
    ['anonymous', {}],
    ['ann', { as: 'ann' }],
  ])('to %s', (_who, sent) => {
    test('a verb and an operation that are denied are unknown fields, also where every field may be read', async () => {
      const faces = await serve(readable)
      const fields: readonly (readonly [string, string, (name: string) => string])[] = [
        ['deleteDoc', 'zeleteDoc', (n) => `mutation { ${n}(id: 1) { id } }`],
        ['createDoc', 'zreateDoc', (n) => `mutation { ${n}(input: { id: 1 }) { id } }`],
        ['audit', 'zudit', (n) => `mutation { ${n}(input: { id: 1 }) { done } }`],
        ['recall', 'zecall', (n) => `{ ${n}(input: { id: 1 }) { done } }`],
        ['DocCreate', 'ZocCreate', (n) => `query ($i: ${n}) { docs { nodes { id } } }`],
        ['RecallInput', 'ZecallInput', (n) => `query ($i: ${n}) { docs { nodes { id } } }`],
      ]
      for (const [name, other, query] of fields) {
        const hidden = await faces.graphql(query(name), sent)
        const unknown = await faces.graphql(query(other), sent)
        expect(normalized(hidden, name), name).toBe(normalized(unknown, other))
      }
      const served = await faces.graphql('{ docs { nodes { id } } }', sent)
      expect(served.body.data).toEqual({ docs: { nodes: [] } })
      const { text: told } = await faces.graphql('mutation { deleteDoc(id: 1) { id } }', {
        as: 'staff',
      })
      expect(told).not.toMatch(/Cannot query field/)
    })

    test('a relation along which nothing may be written is none in a variable', async () => {
      const faces = await serve(nesting)
      for (const rows of [{ create: [{ id: 1 }] }, { connect: [{ id: 1 }] }, {}, null]) {
        const ask = (name: string): Promise<Reply> =>
          faces.graphql('mutation ($i: DocCreate!) { createDoc(input: $i) { id } }', {
            ...sent,
            variables: { i: { id: 5, name: 'x', [name]: rows } },
          })
        const [hidden, unknown] = [await ask('notes'), await ask('zotes')]
        expect(hidden.text).toMatch(/There is no notes here/)
        expect(normalized(hidden, 'notes')).toBe(normalized(unknown, 'zotes'))
      }
    })

    test('create is no way to write along a relation where connect is the only one', async () => {
      const faces = await serve(connecting)
      const ask = (name: string): Promise<Reply> =>
        faces.graphql('mutation ($i: NoteCreate!) { createNote(input: $i) { id } }', {
          ...sent,
          variables: { i: { id: 5, doc: { [name]: { id: 1, name: 'x' } } } },
        })
      const [hidden, unknown] = [await ask('create'), await ask('zreate')]
      expect(hidden.text).not.toMatch(/You may not/)
      expect(normalized(hidden, 'create')).toBe(normalized(unknown, 'zreate'))
    })
  })

  test('a hand-written mutation stays where the caller may do no other', async () => {
    const faces = await serve({
      ...readable,
      graphql: (builder: GatewayBuilder<typeof relations>) => {
        builder.mutationField('ping', (t) => t.string({ resolve: () => 'pong' }))
      },
    })
    expect((await faces.graphql('mutation { ping }')).body.data).toEqual({ ping: 'pong' })
    expect((await faces.graphql('mutation { deleteDoc(id: 1) { id } }')).text).toMatch(
      /Cannot query field/,
    )
  })

  test('hand-written queries alone leave no mutation behind', async () => {
    const faces = await serve({
      ...readable,
      graphql: (builder: GatewayBuilder<typeof relations>) => {
        builder.queryField('hello', (t) => t.string({ resolve: () => 'hello' }))
      },
    })
    expect((await faces.graphql('{ hello docs { nodes { id } } }')).body.data).toEqual({
      hello: 'hello',
      docs: { nodes: [] },
    })
    const ask = (name: string) => faces.graphql(`mutation { ${name}(id: 1) { id } }`)
    const [hidden, unknown] = [await ask('deleteDoc'), await ask('zeleteDoc')]
    expect(hidden.body.errors).toHaveLength(1)
    expect(normalized(hidden, 'deleteDoc')).toBe(normalized(unknown, 'zeleteDoc'))
  })
})
