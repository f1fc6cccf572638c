// Errors that an operation declares: one code, status, message and details on both faces, and nothing written.
import { defineRelations, sql } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { buildModel } from '../../src/schema/build/build-model.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { Problem } from '../../src/errors.ts'
import { printGraphql } from '../../src/graphql/schema/build-schema.ts'
import { readConfig } from '../../src/server/config/config.ts'
import { gateway } from '../../src/server/gateway.ts'
import { openGateway } from '../../src/server/open-gateway.ts'
import { createTables } from '../engine/support.ts'
import { eachDatabase, onDatabase } from '../support/databases.ts'
import { openapiOf } from '../support/openapi.ts'
import { type Faces, openFaces } from './support.ts'

const seats = pgTable('seats', { id: integer().primaryKey(), taken: text() })
const relations = defineRelations({ seats })
const { resource, operation, access } = declare({ relations })
const seat = resource('seats', { access: { read: access.everyone } })

const closed = { status: 503, message: 'The house is closed.' } as const
const taken = {
  status: 409,
  message: 'The seat is taken.',
  details: z.object({
    seat: z.int32(),
    others: z.array(z.int32()),
    mood: z.enum(['calm', 'so so']).optional(),
  }),
} as const

const broken = (): Problem =>
  new Problem('INTERNAL', 'The key of the vault is 1234.', {
    issues: [{ in: 'input', path: ['vault'], code: 'broken', message: 'The vault is open.' }],
  })

const attempts = { run: 0 }
const book = operation({
  kind: 'mutation',
  rest: 'POST /seats/{id}/book',
  access: access.everyone,
  output: seat,
  description: 'Takes a seat.',
  input: z.object({ id: z.int32(), how: z.string().default('free') }),
  errors: {
    SEAT_TAKEN: taken,
    HOUSE_CLOSED: closed,
    SEAT_GONE: { status: 410, message: 'The seat is gone.' },
  },
  // oxlint-disable-next-line complexity -- one line for each way to fail
  async handle({ input: { id, how }, tx, fail }) {
    attempts.run += 1
    await tx.insert(seats).values({ id: 100 + attempts.run, taken: 'on the way' })
    if (how === 'taken')
      throw fail.SEAT_TAKEN(
        { seat: id, others: [2, 3], mood: 'so so' },
        { issues: [{ in: 'input', path: ['id'], code: 'taken', message: 'Take another.' }] },
      )
    if (how === 'said')
      throw fail.SEAT_TAKEN({ seat: id, others: [] }, { message: 'Somebody sits there.' })
    const found = { seat: id, others: [], secret: 'a column that nobody asked for' }
    if (how === 'more') throw fail.SEAT_TAKEN(found)
    if (how === 'wrong') throw fail.SEAT_TAKEN({ seat: 1.5, others: [] })
    if (how === 'huge')
      throw fail.SEAT_TAKEN({ seat: id, others: Array.from({ length: 40_000 }, () => 1) })
    if (how === 'gone') throw fail.SEAT_GONE()
    if (how === 'because') throw fail.SEAT_GONE({ cause: new Error('The floor gave way.') })
    if (how === 'broken') throw broken()
    if (how === 'unfit') await tx.execute(sql`select ${'no number'}::text::int`)
    if (how === 'closed') throw fail.HOUSE_CLOSED()
    if (how === 'again' && attempts.run < 3)
      throw fail.SEAT_GONE({
        cause: await tx
          .execute(sql.raw(`do $$ begin raise exception 'again' using errcode = '40001'; end $$`))
          .catch((error: unknown) => error),
      })
    return { id }
  },
})
const look = operation({
  kind: 'query',
  rest: 'GET /look',
  access: access.everyone,
  output: z.object({ ok: z.boolean() }),
  errors: { HOUSE_CLOSED: closed },
  handle: async ({ fail }) => {
    throw fail.HOUSE_CLOSED()
  },
})
const theatre = gateway({
  name: 'Theatre',
  relations,
  resources: { seat },
  operations: { book, look },
})

eachDatabase((_kind, open) => {
  let faces: Faces
  beforeAll(async () => {
    const database = await open({ relations })
    await createTables(database, { seats })
    await database.query({ text: 'insert into seats values (1, null)', values: [] })
    faces = await openFaces(theatre, database)
  })
  afterAll(() => faces.gateway.close())
  const ask = (how: string) => faces.send('book', { input: { id: 1, how }, fields: ['id'] })
  const stored = async () =>
    (await faces.gateway.database.query({ text: 'select id from seats', values: [] })).rows

  test('REST answers problem+json, GraphQL extensions, with the same members', async () => {
    const { rest, graphql } = await ask('taken')
    const details = { seat: 1, others: [2, 3], mood: 'so so' }
    const issues = [{ in: 'input', path: ['id'], code: 'taken', message: 'Take another.' }]
    expect(rest).toEqual({
      status: 409,
      body: {
        type: 'urn:bifrons:error:seat-taken',
        title: 'The seat is taken.',
        status: 409,
        detail: 'The seat is taken.',
        code: 'SEAT_TAKEN',
        details,
        issues,
        instance: '…',
      },
    })
    expect(graphql.errors[0]).toMatchObject({
      message: 'The seat is taken.',
      path: ['book'],
      extensions: {
        code: 'SEAT_TAKEN',
        type: 'urn:bifrons:error:seat-taken',
        details,
        issues,
        requestId: '…',
      },
    })
    expect(await stored()).toEqual([['1']])
  })

  test('an occurrence may have its own message, and the title stays', async () => {
    expect((await ask('said')).rest.body).toMatchObject({
      title: 'The seat is taken.',
      detail: 'Somebody sits there.',
      details: { seat: 1, others: [] },
    })
  })

  test('an error may have no details, and a status that the table of errors does not have', async () => {
    const { rest, graphql } = await ask('gone')
    expect(rest).toEqual({
      status: 410,
      body: {
        type: 'urn:bifrons:error:seat-gone',
        title: 'The seat is gone.',
        status: 410,
        detail: 'The seat is gone.',
        code: 'SEAT_GONE',
        instance: '…',
      },
    })
    expect(Object.keys(graphql.errors[0].extensions)).toEqual(['code', 'type', 'requestId'])
  })

  test.each(['broken', 'unfit'])(
    'a fault of the handler itself is INTERNAL, and its text is for the log: %s',
    async (how) => {
      const { app, defects } = faces.gateway
      const query = `mutation { book(input: { id: 1, how: "${how}" }) { id } }`
      const rest = await app.inject({ method: 'POST', url: '/api/seats/1/book', payload: { how } })
      const graphql = await app.inject({ method: 'POST', url: '/graphql', payload: { query } })
      const said = 'Something went wrong on our side. The request id names it in our log.'
      expect(rest.statusCode).toBe(500)
      const { type, title, status, detail, code, instance, ...more } = rest.json()
      expect([type, title, status, detail, code, instance, more]).toEqual([
        'urn:bifrons:error:internal',
        'Something went wrong on our side',
        500,
        said,
        'INTERNAL',
        expect.any(String),
        {},
      ])
      expect(graphql.json().errors[0]).toMatchObject({
        message: said,
        extensions: { code: 'INTERNAL' },
      })
      expect(rest.body + graphql.body).not.toMatch(/vault|no number/)
      const logged =
        how === 'broken'
          ? /The key of the vault is 1234/
          : /invalid input syntax for type \w+: \(not logged\)/
      expect(defects.splice(0).join()).toMatch(logged)
    },
  )

  test('a query can fail with its own errors', async () => {
    expect((await faces.send('look')).rest).toMatchObject({
      status: 503,
      body: { code: 'HOUSE_CLOSED' },
    })
  })

  test('details that the schema does not have are not sent', async () => {
    expect((await ask('more')).rest.body.details).toEqual({ seat: 1, others: [] })
  })

  test('of several operations together, the failing one has the error and the others are rolled back', async () => {
    const { app } = faces.gateway
    const request = (how: string) => ({ method: 'POST', path: '/api/seats/1/book', body: { how } })
    const rest = await app.inject({
      method: 'POST',
      url: '/api/batch',
      payload: { requests: [request('free'), request('said')] },
    })
    const graphql = await app.inject({
      method: 'POST',
      url: '/graphql',
      payload: {
        query:
          'mutation { a: book(input: { id: 1 }) { id } b: book(input: { id: 1, how: "said" }) { id } }',
      },
    })
    const error = {
      code: 'SEAT_TAKEN',
      type: 'urn:bifrons:error:seat-taken',
      details: { seat: 1, others: [] },
    }
    expect(rest.json()).toMatchObject({
      ...error,
      status: 409,
      title: 'The seat is taken.',
      detail: 'Somebody sits there.',
      request: 1,
    })
    expect(graphql.json()).toMatchObject({
      data: { a: null, b: null },
      errors: [{ path: ['b'], message: 'Somebody sits there.', extensions: error }],
    })
    expect(await stored()).toEqual([['1']])
  })

  test.each(['wrong', 'huge'])('details that are %s are INTERNAL, and logged', async (how) => {
    const { app, defects } = faces.gateway
    defects.length = 0
    const rest = await app.inject({ method: 'POST', url: '/api/seats/1/book', payload: { how } })
    const graphql = await app.inject({
      method: 'POST',
      url: '/graphql',
      payload: { query: `mutation { book(input: { id: 1, how: "${how}" }) { id } }` },
    })
    expect([rest.statusCode, rest.json().code, rest.json().details]).toEqual([
      500,
      'INTERNAL',
      undefined,
    ])
    expect(graphql.json().errors[0].extensions).toMatchObject({ code: 'INTERNAL' })
    expect(defects).toHaveLength(2)
    for (const line of defects) expect(line).toContain('book failed with SEAT_TAKEN and details')
    expect(await stored()).toEqual([['1']])
  })

  test('a serialization failure as its cause runs the operation again', async () => {
    attempts.run = 0
    expect(
      (
        await faces.gateway.app.inject({
          method: 'POST',
          url: '/api/seats/1/book',
          payload: { how: 'again' },
        })
      ).json(),
    ).toEqual({ id: 1, taken: null })
    expect(attempts.run).toBe(3)
    await faces.gateway.database.query({ text: 'delete from seats where id <> 1', values: [] })
  })
})

onDatabase('pglite', (open) => {
  test('the cause of an error is logged, and so is a failing part of a batch, and no other own error', async () => {
    const database = await open({ relations })
    await createTables(database, { seats })
    const lines: string[] = []
    const { app } = await openGateway(
      { ...theatre, auth: [] },
      readConfig(
        { LOG_LEVEL: 'warn', RATE_LIMIT_MAX: '0', DATABASE_URL: 'pglite:memory' },
        'development',
      ),
      { database, logStream: { write: (line) => lines.push(line) } },
    )
    const logged = async (how: string) => {
      lines.length = 0
      await app.inject({ method: 'POST', url: '/api/seats/1/book', payload: { how } })
      await app.inject({
        method: 'POST',
        url: '/graphql',
        payload: { query: `mutation { book(input: { id: 1, how: "${how}" }) { id } }` },
      })
      return lines.map(
        (line) =>
          JSON.parse(line) as {
            readonly code: string
            readonly status: number
            readonly err?: { readonly message: string }
          },
      )
    }
    expect(await logged('taken')).toEqual([])
    expect(await logged('because')).toMatchObject(
      [1, 2].map(() => ({
        code: 'SEAT_GONE',
        status: 410,
        err: { message: 'The floor gave way.' },
      })),
    )
    expect(await logged('closed')).toMatchObject(
      [1, 2].map(() => ({ code: 'HOUSE_CLOSED', status: 503, msg: 'failed' })),
    )
    await app.close()
  })
})

describe('the documents', () => {
  const model = buildModel(theatre)

  test('have a response for the status with the code and the details, in OpenAPI', () => {
    const { paths, components } = openapiOf(model)
    const { responses } = paths['/api/seats/{id}/book'].post
    const schemaOf = (status: number): unknown =>
      responses[status].content['application/problem+json'].schema
    expect(schemaOf(409)).toEqual({
      oneOf: [
        { $ref: '#/components/schemas/Problem' },
        { $ref: '#/components/schemas/SeatTakenProblem' },
      ],
    })
    expect(schemaOf(410)).toEqual({ $ref: '#/components/schemas/SeatGoneProblem' })
    expect(responses[404]).toEqual({ $ref: '#/components/responses/Error404' })
    expect(components.schemas.SeatTakenProblem).toMatchObject({
      required: ['type', 'title', 'status', 'detail', 'code', 'details', 'instance'],
      properties: {
        code: { const: 'SEAT_TAKEN' },
        status: { const: 409 },
        details: { $ref: '#/components/schemas/SeatTakenDetails' },
      },
    })
    expect(components.schemas.SeatTakenDetails).toMatchObject({
      required: ['seat', 'others'],
      properties: { mood: { enum: ['calm', 'so so'] } },
    })
    expect(components.schemas.SeatGoneProblem.properties).not.toHaveProperty('details')
    const batch = paths['/api/batch'].post.responses // its error is that of one of the writes
    expect(
      [batch[409], batch[410]].map(({ content }) => content['application/problem+json'].schema),
    ).toEqual([schemaOf(409), schemaOf(410)])
  })

  test("name the errors in the field's description, in GraphQL", () => {
    const document = printGraphql({ model })
    expect(document).toContain('Takes a seat.\n')
    expect(document).toContain(
      '- `SEAT_TAKEN`: The seat is taken. `extensions.details` is `{ seat: Int!, others: [Int!]!, mood: "calm" | "so so" }`.',
    )
    expect(document).toContain('- `SEAT_GONE`: The seat is gone.\n')
  })
})
