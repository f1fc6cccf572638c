// Idempotency keys: a write that is sent again is done once and answered the same, on both faces, and is the caller's own.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { declare } from '../../src/schema/declare/declare.ts'
import { eachDatabase } from '../support/databases.ts'
import { type Sent, type Faces, faultOf, openFaces, type Reply } from './http.ts'

const notes = pgTable('notes', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  body: text().notNull(),
  author: text().notNull(),
  secret: text(),
  slug: text().unique(),
})
const tables = { notes }
const relations = defineRelations(tables)
const { resource, access, operation } = declare({
  relations,
  caller: z.object({ user: z.string() }).partial(),
})
const note = resource('notes', {
  access: {
    read: access.everyone,
    create: access.everyone,
    update: access.owner('author', 'user'),
    delete: access.everyone,
  },
  fields: { secret: { read: access.role('staff') }, body: { validate: (body) => body.max(10) } },
})
let runs = 0
const declaration = {
  name: 'Notes',
  relations,
  resources: { note },
  operations: {
    shout: operation({
      kind: 'mutation',
      rest: 'PUT /shout',
      access: access.everyone,
      input: z.object({ body: z.string() }),
      output: z.object({ run: z.int32() }),
      status: 202,
      async handle({ input, tx }) {
        runs += 1
        await tx.insert(notes).values({ body: input.body, author: 'shout' })
        return { run: runs }
      },
    }),
    sell: operation({
      kind: 'mutation',
      rest: 'POST /sell',
      access: access.everyone,
      input: z.object({ body: z.string(), error: z.enum(['SOLD_OUT', 'NO_ENTRY', 'NO_SHOP']) }),
      output: z.object({ run: z.int32() }),
      errors: {
        SOLD_OUT: { status: 409, message: 'There is none left.' },
        NO_ENTRY: { status: 403, message: 'Not for this caller.' },
        NO_SHOP: { status: 404, message: 'There is no shop.' },
      },
      async handle({ input, tx, fail }) {
        runs += 1
        await tx.insert(notes).values({ body: input.body, author: 'sell' })
        throw fail[input.error]()
      },
    }),
  },
}

eachDatabase((_kind, open) => {
  let faces: Faces
  beforeAll(async () => {
    faces = await openFaces(await open({ relations }), tables, declaration)
  })
  beforeEach(async () => {
    await faces.sql('delete from notes')
  })

  let made = 0
  const newKey = () => `key-${(made += 1)}`
  const count = async () => Number((await faces.sql('select count(*) from notes'))[0]?.[0])
  const withKey = (key: string, { headers = {}, as = 'ann', ...asked }: Sent = {}) => ({
    ...asked,
    as,
    headers: { ...headers, 'idempotency-key': key },
  })
  const post = (
    key: string,
    asked: Sent = {},
    body: object = { body: 'Hello', author: 'ann' },
    path = 'notes',
  ) => faces.rest(`POST /api/${path}`, withKey(key, { body, ...asked }))
  const mutate = (key: string, query: string, asked: Sent = {}) =>
    faces.graphql(query, withKey(key, asked))
  const create =
    'mutation { createNote(input: { body: "Hello", author: "ann" }) { id body version } }'
  /** The parts of an answer that must be the same when it is repeated. */
  const essence = ({ status, headers, text: body }: Reply) => ({
    status,
    body,
    ...Object.fromEntries(
      ['content-type', 'location', 'etag', 'preference-applied', 'vary'].map((name) => [
        name,
        headers[name],
      ]),
    ),
  })

  describe('on REST', () => {
    test('a create is done once and answered again with the same headers', async () => {
      const key = newKey()
      const first = await post(
        key,
        { headers: { prefer: 'return=representation' } },
        undefined,
        'notes?fields=id,body',
      )
      expect([first.status, first.headers['idempotency-replayed']]).toEqual([201, undefined])
      expect(first.headers).toMatchObject({
        etag: expect.stringMatching(/^"[0-9a-f]{16}\.[\w-]{8}"$/),
        location: `/api/notes/${first.body.id}`,
        'preference-applied': 'return=representation',
      })
      const again = await post(
        key,
        { headers: { prefer: 'return=representation' } },
        undefined,
        'notes?fields=id,body',
      )
      expect(essence(again)).toEqual(essence(first))
      expect(again.headers['idempotency-replayed']).toBe('true')
      expect(await count()).toBe(1)
    })

    test('an update, a delete and an operation are done once, with a body or without', async () => {
      const [{ id }, other] = [(await post(newKey())).body, (await post(newKey())).body]
      const [patchKey, minimalKey, deleteKey, shoutKey] = [newKey(), newKey(), newKey(), newKey()]
      const asks: readonly (() => Promise<Reply>)[] = [
        () => faces.rest(`PATCH /api/notes/${id}`, withKey(patchKey, { body: { body: 'Bye' } })),
        () =>
          faces.rest(
            `PATCH /api/notes/${id}`,
            withKey(minimalKey, { body: { body: 'Bye' }, headers: { prefer: 'return=minimal' } }),
          ),
        () => faces.rest(`DELETE /api/notes/${other.id}`, withKey(deleteKey)),
        () => faces.rest('PUT /api/shout', withKey(shoutKey, { body: { body: 'HEY' } })),
      ]
      for (const [i, ask] of asks.entries()) {
        const first = await ask()
        expect(first.status, String(i)).toBe([200, 204, 204, 202][i])
        expect(essence(await ask()), String(i)).toEqual(essence(first))
      }
      expect(await faces.sql('select body from notes order by body')).toEqual([['Bye'], ['HEY']])
    })

    test('a conditional write is answered again, although the version has changed since', async () => {
      const created = await post(newKey())
      const tag =
        (await faces.rest(`GET ${created.headers['location']}?fields=id`)).headers['etag'] ?? ''
      const key = newKey()
      const change = () =>
        faces.rest(
          `PATCH ${created.headers['location']}`,
          withKey(key, { body: { body: 'Bye' }, headers: { 'if-match': tag } }),
        )
      const first = await change()
      expect(first.status).toBe(200)
      expect(essence(await change())).toEqual(essence(first))
    })

    test('a batch is done once', async () => {
      const key = newKey()
      const batch = (bodies: readonly string[]) =>
        faces.rest(
          'POST /api/batch',
          withKey(key, {
            body: {
              requests: bodies.map((body) => ({
                method: 'POST',
                path: '/api/notes',
                body: { body, author: 'ann' },
              })),
            },
          }),
        )
      const first = await batch(['one', 'two'])
      expect([first.status, first.body.results?.length], first.text).toEqual([200, 2])
      expect(essence(await batch(['one', 'two']))).toEqual(essence(first))
      expect(faultOf(await batch(['one', 'three']))).toEqual(['IDEMPOTENCY_MISMATCH'])
      expect(
        faultOf(
          await mutate(
            key,
            'mutation { a: createNote(input: { body: "one", author: "ann" }) { id } b: createNote(input: { body: "two", author: "ann" }) { id } }',
          ),
        ),
      ).toEqual(['IDEMPOTENCY_MISMATCH'])
      expect(await count()).toBe(2)
    })
  })

  describe('on GraphQL', () => {
    test('a mutation is done once and answered again, byte for byte', async () => {
      const key = newKey()
      const first = await mutate(key, create)
      expect(first.body.data.createNote).toMatchObject({ body: 'Hello' })
      const again = await mutate(key, create)
      expect([
        again.text,
        again.headers['idempotency-replayed'],
        again.headers['cache-control'],
      ]).toEqual([first.text, 'true', 'no-store'])
      expect(await count()).toBe(1)
    })

    test('several fields are one write, and denied parts of them are in the answer', async () => {
      const key = newKey()
      const query =
        'mutation ($body: String!) { a: createNote(input: { body: $body, author: "ann" }) { id secret } ...B } fragment B on Mutation { shout(input: { body: "HEY" }) { run } }'
      const ask = (body: string) => mutate(key, query, { variables: { body } })
      const first = await ask('one')
      expect(first.body.errors.map(({ path }: { path: unknown }) => path)).toEqual([
        ['a', 'secret'],
      ])
      expect((await ask('one')).text).toBe(first.text)
      expect(faultOf(await ask('two'))).toEqual(['IDEMPOTENCY_MISMATCH'])
      expect(await count()).toBe(2)
    })

    test('is for mutations alone', async () => {
      for (const query of ['{ note(id: 1) { id } }', '{ __typename }'])
        expect(faultOf(await mutate(newKey(), query)), query).toEqual([
          'BAD_REQUEST',
          'document idempotency-key unkept_header',
        ])
    })
  })

  describe('a key', () => {
    test('of one face is a mismatch on the other', async () => {
      const [one, other] = [newKey(), newKey()]
      await post(one)
      expect(faultOf(await mutate(one, create))).toEqual(['IDEMPOTENCY_MISMATCH'])
      await mutate(other, create)
      const reply = await post(other)
      expect([reply.status, ...faultOf(reply)]).toEqual([422, 'IDEMPOTENCY_MISMATCH'])
      expect(await count()).toBe(2)
    })

    test('belongs to one request: another body, address, preference, condition or selection is a mismatch', async () => {
      const key = newKey()
      await post(key)
      const others = [
        () => post(key, {}, { body: 'Other', author: 'ann' }),
        () => post(key, {}, undefined, 'notes?fields=id'),
        () => post(key, { headers: { prefer: 'return=minimal' } }),
      ]
      for (const ask of others) expect(faultOf(await ask())).toEqual(['IDEMPOTENCY_MISMATCH'])
      const second = newKey()
      await mutate(second, create)
      expect(faultOf(await mutate(second, create.replace('version', 'author')))).toEqual([
        'IDEMPOTENCY_MISMATCH',
      ])
      expect(await count()).toBe(2)
    })

    test('belongs to one set of roles and claims: with others it is a mismatch', async () => {
      const key = newKey()
      expect((await post(key, { as: 'staff' })).status).toBe(201)
      expect((await post(key, { as: 'staff' })).headers['idempotency-replayed']).toBe('true')
      expect(faultOf(await post(key, { as: 'staff+ann' }))).toEqual(['IDEMPOTENCY_MISMATCH'])
    })

    test('belongs to its caller and its operation', async () => {
      const key = newKey()
      expect((await post(key)).status).toBe(201)
      expect((await post(key, { as: 'ben' })).headers['idempotency-replayed']).toBeUndefined()
      expect(
        (await faces.rest('PUT /api/shout', withKey(key, { body: { body: 'HEY' } }))).status,
      ).toBe(202)
      expect(await count()).toBe(3)
    })

    test('may be in quotes or not, and has at most 255 characters', async () => {
      const key = newKey()
      await post(key)
      expect((await post(`"${key}"`)).headers['idempotency-replayed']).toBe('true')
      for (const long of [`"${'x y'.repeat(50)}"`, 'x'.repeat(255), `"${'y'.repeat(255)}"`])
        expect((await post(long)).status, long).toBe(201)
      for (const wrong of [
        '',
        'a b',
        '"',
        '""',
        'ü',
        'x'.repeat(256),
        `"${'x'.repeat(256)}"`,
        '"a", "b"',
      ]) {
        expect(faultOf(await post(wrong)), wrong).toEqual([
          'BAD_REQUEST',
          'document idempotency-key malformed_header',
        ])
        expect(faultOf(await mutate(wrong, create)), wrong).toEqual([
          'BAD_REQUEST',
          'document idempotency-key malformed_header',
        ])
      }
    })

    test('of an anonymous caller is refused, and so is one on a read', async () => {
      const headers = { 'idempotency-key': newKey() }
      const reply = await faces.rest('POST /api/notes', {
        headers,
        body: { body: 'Hello', author: 'x' },
      })
      expect([reply.status, reply.body.code, reply.headers['www-authenticate']]).toEqual([
        401,
        'UNAUTHENTICATED',
        'Bearer',
      ])
      expect(faultOf(await faces.graphql(create, { headers }))).toEqual(['UNAUTHENTICATED'])
      // before anything else is read
      expect(faultOf(await faces.graphql('mutation { createNote }', { headers }))).toEqual([
        'UNAUTHENTICATED',
      ])
      expect(faultOf(await faces.rest('POST /api/notes?noSuch=1', { headers, body: {} }))).toEqual([
        'UNAUTHENTICATED',
      ])
      for (const path of ['notes', 'notes/1'])
        expect(faultOf(await faces.rest(`GET /api/${path}`, { headers, as: 'ann' }))).toEqual([
          'BAD_REQUEST',
          'document idempotency-key unkept_header',
        ])
      expect(await count()).toBe(0)
    })

    test('of a failed write can be used again: the write was not done and not recorded', async () => {
      const [one, other] = [newKey(), newKey()]
      const long = { body: 'far too long for it', author: 'ann' }
      for (let round = 0; round < 2; round += 1) {
        expect(faultOf(await post(one, {}, long))).toEqual([
          'VALIDATION_FAILED',
          'input body too_big',
        ])
        expect(
          faultOf(
            await mutate(
              other,
              'mutation { a: createNote(input: { body: "Hello", author: "ann" }) { id } b: updateNote(id: 0, input: { body: "x" }) { id } }',
            ),
          ),
        ).toEqual(['NOT_FOUND'])
      }
      expect(await count()).toBe(0)
      expect((await post(one)).status).toBe(201)
    })

    test('keeps a final refusal, which is answered again as it was, on each face', async () => {
      const taken = { body: 'x', author: 'ann', slug: 'taken' }
      const { body: row } = await post(newKey(), {}, taken)
      const stale = { headers: { 'if-match': '"0000000000000000"' }, body: { body: 'y' } }
      const sell = 'sell(input: { body: "x", error: SOLD_OUT }) { run }'
      const asks: readonly (readonly [string, (key: string) => Promise<Reply>])[] = [
        ['CONFLICT', (key) => post(key, {}, taken)],
        [
          'CONFLICT',
          (key) =>
            mutate(
              key,
              'mutation { createNote(input: { body: "x", author: "ann", slug: "taken" }) { id } }',
            ),
        ],
        [
          'PRECONDITION_FAILED',
          (key) => faces.rest(`PATCH /api/notes/${row.id}`, withKey(key, stale)),
        ],
        [
          'PRECONDITION_FAILED',
          (key) =>
            mutate(
              key,
              `mutation { updateNote(id: ${row.id}, input: { body: "y" }, ifVersion: "0000000000000000") { id } }`,
            ),
        ],
        ['SOLD_OUT', (key) => post(key, {}, { body: 'x', error: 'SOLD_OUT' }, 'sell')],
        ['SOLD_OUT', (key) => mutate(key, `mutation { ${sell} }`)],
        [
          'CONFLICT',
          (key) =>
            post(
              key,
              {},
              { requests: [{ method: 'POST', path: '/api/notes', body: taken }] },
              'batch',
            ),
        ],
      ]
      const keys = asks.map(newKey)
      const first: Reply[] = []
      for (const [i, [code, ask]] of asks.entries()) {
        const reply = await ask(keys[i] ?? '')
        expect(faultOf(reply)[0], reply.text).toBe(code)
        expect(reply.headers['idempotency-replayed']).toBeUndefined()
        first.push(reply)
      }
      await faces.sql('delete from notes')
      const before = runs
      for (const [i, [, ask]] of asks.entries()) {
        const reply = await ask(keys[i] ?? '')
        expect(essence(reply)).toEqual(essence(first[i] as Reply)) // there is one for each
        expect(reply.headers['idempotency-replayed']).toBe('true')
      }
      expect([await count(), runs]).toEqual([0, before])
    })

    test('does not keep what may be decided otherwise the next time', async () => {
      const { body: row } = await post(newKey())
      const [hidden, absent, before] = [newKey(), newKey(), runs]
      const declared = ['NO_ENTRY', 'NO_SHOP'].map((error) => ({
        error,
        key: newKey(),
        other: newKey(),
      }))
      for (let round = 0; round < 2; round += 1) {
        for (const [key, path, as, code] of [
          [hidden, `notes/${row.id}`, 'ben', 'FORBIDDEN'],
          [absent, 'notes/0', 'ann', 'NOT_FOUND'],
        ] as const) {
          const change = { as, body: { body: 'y' } }
          const reply = await faces.rest(`PATCH /api/${path}`, withKey(key, change))
          expect([faultOf(reply)[0], reply.headers['idempotency-replayed']]).toEqual([
            code,
            undefined,
          ])
        }
        for (const { error, key, other } of declared) {
          const reply = await post(key, {}, { body: 'x', error }, 'sell')
          expect(faultOf(reply)).toEqual([error])
          const sell = `mutation { sell(input: { body: "x", error: ${error} }) { run } }`
          expect(faultOf(await mutate(other, sell))).toEqual([error])
        }
      }
      expect(runs).toBe(before + 8)
    })

    test('expires after a day, and later writes remove some expired records each', async () => {
      const key = newKey()
      await post(key)
      await faces.sql(`insert into bifrons.idempotency (id, fingerprint, status, headers, body, created_at)
        select decode(md5(i::text), 'hex'), '', 200, '{}', null, now() - interval '25 hours' from generate_series(1, 30) i`)
      await faces.sql(
        `update bifrons.idempotency set created_at = now() - interval '23 hours 59 minutes' where created_at > now() - interval '1 hour'`,
      )
      expect((await post(key)).headers['idempotency-replayed']).toBe('true')
      const before = Number((await faces.sql('select count(*) from bifrons.idempotency'))[0]?.[0])
      await faces.sql(
        `update bifrons.idempotency set created_at = now() - interval '24 hours 1 minute' where created_at > now() - interval '24 hours'`,
      )
      const again = await post(key)
      expect([again.status, again.headers['idempotency-replayed'], await count()]).toEqual([
        201,
        undefined,
        2,
      ])
      expect(Number((await faces.sql('select count(*) from bifrons.idempotency'))[0]?.[0])).toBe(
        before - 20,
      )
      expect((await post(key)).headers['idempotency-replayed']).toBe('true')
    })

    test(
      'of 50 simultaneous posts creates one row, and each answer is that of the row or a conflict',
      { timeout: 60_000 },
      async () => {
        for (const ask of [(key: string) => post(key), (key: string) => mutate(key, create)]) {
          await faces.sql('delete from notes')
          const key = newKey()
          const replies = await Promise.all(Array.from({ length: 50 }, () => ask(key)))
          const answered = replies.filter((reply) => faultOf(reply)[0] !== 'CONFLICT')
          expect(answered.length).toBeGreaterThan(0)
          expect(new Set(answered.map((reply) => JSON.stringify(essence(reply)))).size).toBe(1)
          expect(
            answered.filter(({ headers }) => headers['idempotency-replayed'] === undefined),
          ).toHaveLength(1)
          expect(await count()).toBe(1)
          expect(essence(await ask(key))).toEqual(essence(answered[0] ?? (replies[0] as Reply))) // there are 50
        }
      },
    )
  })
})
