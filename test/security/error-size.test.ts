// What an error repeats of a request is cut at 200 characters, and its body has at most 64 KB, whatever was sent, on both faces.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { declare } from '../../src/schema/declare/declare.ts'
import { gateway } from '../../src/server/gateway.ts'
import { type Faces, openFaces, type Reply } from '../faces/http.ts'
import { onDatabase } from '../support/databases.ts'

const notes = pgTable('notes', { id: integer().primaryKey(), body: text().notNull() })
const relations = defineRelations({ notes })
const { resource, access } = declare({ relations })
const open = { read: access.everyone, create: access.everyone, update: access.everyone }
const declaration = gateway({
  name: 'Notes',
  relations,
  resources: { note: resource('notes', { access: open, writes: ['updateMany'] }) },
})

const MAX_BYTES = 64 * 1024
/** Below the limit of bodies, which is 1 MiB; documents and URLs have smaller ones of their own. */
const MOST = 900_000
const inDocument = 12_000
const inUrl = 6000

type Ask = (faces: Faces, long: string) => Promise<Reply>
const post =
  (path: string, body: (long: string) => unknown): Ask =>
  (faces, long) =>
    faces.rest(`POST /api${path}`, { body: body(long) })
const get =
  (query: (long: string) => string): Ask =>
  (faces, long) =>
    faces.rest(`GET /api/notes${query(encodeURIComponent(long.slice(0, 600)))}`.slice(0, inUrl))
const document =
  (query: (long: string) => string): Ask =>
  (faces, long) =>
    faces.graphql(query(long.slice(0, 4000).replaceAll(/\W/g, 'a')).slice(0, inDocument))
const variables =
  (query: string, values: (long: string) => unknown): Ask =>
  (faces, long) =>
    faces.graphql(query, { variables: values(long) })
const many = <T>(make: (i: number) => T): readonly T[] =>
  Array.from({ length: 40 }, (_, i) => make(i))

const places: Readonly<Record<string, Ask>> = {
  sort: post('/notes/query', (long) => ({ sort: [long] })),
  'sort by many': post('/notes/query', (long) => ({
    sort: many((i) => i + long.slice(0, 7_000)),
  })),
  fields: post('/notes/query', (long) => ({ fields: [long] })),
  'a member': post('/notes/query', (long) => ({ [long]: 1 })),
  'many members': post('/notes/query', (long) =>
    Object.fromEntries(many((i) => [i + long.slice(0, 7_000), 1])),
  ),
  'a member of a filter': post('/notes/query', (long) => ({ where: { [long]: 1 } })),
  'a cursor': post('/notes/query', (long) => ({ after: long })),
  'a field of an input': post('/notes', (long) => ({ [long]: 1 })),
  'a deep field of an input': post('/notes', (long) => ({
    body: { [long]: { [long.slice(0, 9)]: 1 } },
  })),
  'a key of an input': post('/notes', (long) => ({ id: long, body: 'x' })),
  'a path of a batch': post('/batch', (long) => ({
    requests: [{ method: 'POST', path: `/${long}` }],
  })),
  'paths of a batch': post('/batch', (long) => ({
    requests: many(() => ({ method: 'POST', path: `/${long.slice(0, 8000)}` })),
  })),
  'a method of a batch': post('/batch', (long) => ({ requests: [{ method: long, path: '/x' }] })),
  'a parameter': get((long) => `?${long}=1`),
  'a parameter twice': get((long) => `?${long}=1&${long}=1`),
  'an included path': get((long) => `?${long}.limit=1`),
  'a row': get((long) => `/${long}`),
  'a header': (faces, long) =>
    faces.rest('PATCH /api/notes/1', {
      body: {},
      headers: { 'if-match': long.slice(0, 4000).replaceAll(/\W/g, 'a') },
    }),
  'an operation name': (faces, long) =>
    faces.rest('POST /graphql', { body: { query: '{ __typename }', operationName: long } }),
  'a member beside a document': (faces, long) =>
    faces.rest('POST /graphql', { body: { [long]: 1 } }),
  'a field of a document': document((long) => `{ notes { nodes { ${long} } } }`),
  'a field along aliases': document((long) => `{ ${long}: notes { nodes { ${long}: nothing } } }`),
  'many aliases': document(
    (long) =>
      `{ ${many((i) => `a${i}: ${long.slice(0, 200)}`)
        .slice(0, 29)
        .join(' ')} }`,
  ),
  'an argument': document((long) => `{ notes(${long}: 1) { nodes { id } } }`),
  'a type': document((long) => `query ($a: ${long}) { notes { nodes { id } } }`),
  'a literal': document((long) => `{ notes(where: { id: { eq: "${long}" } }) { nodes { id } } }`),
  'a variable': variables(
    'query ($w: NoteFilter) { notes(where: $w) { nodes { id } } }',
    (long) => ({ w: { [long]: 1 } }),
  ),
  'a value of a variable': variables(
    'query ($w: NoteFilter) { notes(where: $w) { nodes { id } } }',
    (long) => ({ w: { id: { eq: long } } }),
  ),
  'an enum': variables(
    'query ($o: [NoteOrder!]) { notes(orderBy: $o) { nodes { id } } }',
    (long) => ({ o: [{ id: long }] }),
  ),
  'an id': variables('query ($i: ID!) { node(nodeId: $i) { nodeId } }', (long) => ({ i: long })),
}

onDatabase('pglite', (open) => {
  let faces: Faces
  beforeAll(async () => {
    faces = await openFaces(await open(), { notes }, declaration)
  })

  test('an error repeats 200 characters at most, and has 64 KB at most', async () => {
    const letters = ['y', 'é', '€', '"', 'y ', 'a.b', '\\']
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.entries(places)),
        fc.constantFrom(...letters),
        fc.constantFrom(MOST, 60_000),
        async ([place, ask], letter, length) => {
          const { status, text: body } = await ask(
            faces,
            letter.repeat(length / Buffer.byteLength(JSON.stringify(letter).slice(1, -1))),
          )
          expect(body, place).toMatch(
            /"code":"(BAD_REQUEST|VALIDATION_FAILED|NOT_FOUND|TOO_COMPLEX|PAYLOAD_TOO_LARGE)"/,
          )
          expect(status, place).toBeLessThan(500)
          expect(Buffer.byteLength(body), place).toBeLessThanOrEqual(MAX_BYTES)
          if (letter.trim() === letter && letter.length === 1 && letter !== '"' && letter !== '\\')
            expect(body.includes(letter.repeat(202)), place).toBe(false)
        },
      ),
      { numRuns: 150, examples: Object.entries(places).map((entry) => [entry, 'y', MOST]) },
    )
  })
})
