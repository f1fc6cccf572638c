// The OpenAPI document passes three linters and matches the routes and answers.
import { Validator } from '@seriousme/openapi-schema-validator'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openBudget } from '../../src/cache-budget.ts'
import { buildSchemas } from '../../src/rest/openapi/schemas/component-schemas.ts'
import type { RestExtension } from '../../src/rest/routes/hand-written.ts'
import { listParametersOf, selectionParameters } from '../../src/rest/request/list-arguments.ts'
import { buildRoutes } from '../../src/rest/routes/build-routes.ts'
import { buildModel } from '../../src/schema/build/build-model.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { atlas } from '../engine/places.ts'
import { gallery } from '../engine/vectors.ts'
import { museum } from '../parity/museum.ts'
import { openapiOf } from '../support/openapi.ts'
import { buildShop } from './shop.ts'
import { call, closeShop, openShop, problemOf, type Shop } from './support.ts'

const run = promisify(execFile)

/** Hand-written routes, as a team would write them. */
const extension: RestExtension = (app) => {
  app.get(
    '/ping/:name',
    {
      schema: {
        summary: 'Answers.',
        params: z.object({ name: z.string().min(2) }),
        querystring: z.strictObject({ loud: z.stringbool().optional() }),
        response: { 200: z.object({ pong: z.string() }) },
      },
    },
    async ({ params, query }) => ({
      pong: query.loud === true ? params.name.toUpperCase() : params.name,
    }),
  )
  app.post(
    '/pong',
    { schema: { body: z.strictObject({ email: z.email(), n: z.int32() }) } },
    async ({ body }, reply) => reply.send({ sum: body.n + 1 }),
  )
  app.get(
    '/wrong',
    { schema: { response: { 200: z.object({ secret: z.number() }) } } },
    async () => ({ secret: 'sesame' }) as never,
  )
}

let shop: Shop
let folder: string
let file: string
let document: ReturnType<typeof JSON.parse>
beforeAll(async () => {
  shop = await openShop({ extension })
  document = (await call(shop, 'GET /openapi.json')).body
  folder = await mkdtemp(join(tmpdir(), 'bifrons-openapi-'))
  file = join(folder, 'openapi.json')
  await writeFile(file, JSON.stringify(document))
})
afterAll(async () => {
  await closeShop(shop)
  await rm(folder, { recursive: true })
})

const bin = (name: string): string => join(import.meta.dirname, '../../node_modules/.bin', name)
const env = {
  ...process.env,
  PATH: `${join(import.meta.dirname, '../../node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
  REDOCLY_TELEMETRY: 'off',
  REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
}

describe('no error and no warning', () => {
  test('of redocly, recommended', async () => {
    const { stdout } = await run(
      bin('redocly'),
      ['lint', '--extends', 'recommended', '--format', 'json', file],
      { cwd: folder, env },
    )
    expect(JSON.parse(stdout)).toMatchObject({ totals: { errors: 0, warnings: 0 } })
  })

  test('of spectral, oas', async () => {
    await writeFile(join(folder, '.spectral.yaml'), 'extends: ["spectral:oas"]\n')
    const { stdout } = await run(
      bin('spectral'),
      ['lint', '--quiet', '--fail-severity', 'hint', '--format', 'json', file],
      { cwd: folder, env },
    )
    expect(JSON.parse(stdout)).toEqual([])
  })

  test('of @seriousme/openapi-schema-validator', async () => {
    const validator = new Validator()
    expect(await validator.validate(structuredClone(document))).toEqual({ valid: true })
    expect(validator.version).toBe('3.1')
  })
})

describe('the document', () => {
  test('it has every route of the model, and no other', () => {
    const model = buildShop()
    const routes = buildRoutes({ model, budget: openBudget(0), prefix: '/api' })
    const { paths } = openapiOf(model)
    const documented = Object.entries<object>(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(documented.toSorted()).toEqual(
      routes.map(({ method, path }) => `${method} /api${path}`).toSorted(),
    )
    expect(documented.length).toBeGreaterThan(30)
    expect(documented).not.toContain('GET /api/never')
  })

  test('has unique operation ids with the names of the model', () => {
    const ids = Object.values<Record<string, { operationId: string }>>(document.paths)
      .flatMap((item) => Object.values(item))
      .map(({ operationId }) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toEqual(
      expect.arrayContaining([
        'products',
        'productBySku',
        'createProduct',
        'order_items',
        'restock',
      ]),
    )
  })

  test('has exactly the filters that are accepted', async () => {
    for (const parameter of document.paths['/api/products'].get.parameters) {
      if (parameter.style !== 'deepObject') continue
      const reply = await call(shop, `GET /api/products?${parameter.name}[isNull]=false`, {
        as: 'staff',
      })
      expect(reply.status, parameter.name).toBe(200)
    }
    const names: string[] = document.paths['/api/products'].get.parameters.map(
      (parameter: { name?: string }) => parameter.name,
    )
    expect(names).toContain('price')
    expect(names.filter((name) => name === 'limit')).toHaveLength(1)
  })

  test('has the same parameters for a list by a body and by a query string', () => {
    for (const model of [buildShop(), buildModel(gallery), buildModel(atlas)])
      for (const resource of model.resources.values()) {
        const taken = [...listParametersOf(resource), ...selectionParameters]
        const { properties, patternProperties } = buildSchemas(model)[
          `${resource.type}ListRequest`
        ] as { readonly properties: object; readonly patternProperties: object } // an object's
        expect(Object.keys(properties).toSorted(), resource.key).toEqual(taken.toSorted())
        const patterns = Object.keys(patternProperties).map((pattern) => new RegExp(pattern))
        for (const name of taken.filter((one) => one !== 'include'))
          expect(
            patterns.filter((pattern) => pattern.test(`items.product.${name}`)),
            name,
          ).toHaveLength(1)
      }
  })

  test("has the engine's limit of writes in a batch", () => {
    const mostOf = (limits: { readonly limits?: { readonly together: number } }): unknown => {
      const { components } = openapiOf(buildShop(), limits)
      return components.schemas.WriteBatch.properties.requests.maxItems
    }
    expect([mostOf({}), mostOf({ limits: { together: 3 } })]).toEqual([30, 3])
  })

  test('has no parameter twice in an operation, for any names of columns and inputs', () => {
    const things = pgTable('things', {
      id: integer().primaryKey(),
      atMost: integer('at_most'),
      sort: text(),
      groupBy: text('group_by'),
      fields: text(),
    })
    const called = defineRelations({ things })
    const {
      resource,
      operation,
      access: { everyone },
    } = declare({ relations: called })
    const thing = resource('things', {
      access: { read: everyone, update: everyone, delete: everyone },
      writes: ['updateMany', 'deleteMany'],
    })
    const find = operation({
      kind: 'query',
      rest: 'GET /find',
      access: everyone,
      output: thing,
      input: z.object({ fields: z.string() }),
      handle: async () => ({ id: 1 }),
    })
    const patch = operation({
      kind: 'mutation',
      rest: 'PATCH /patch',
      access: everyone,
      output: thing,
      input: z.object({ id: z.int32() }),
      handle: async ({ input }) => input,
    })
    const { paths } = openapiOf(
      buildModel({
        name: 'Things',
        relations: called,
        resources: { thing },
        operations: { find, patch },
      }),
    )
    for (const [path, item] of Object.entries<object>(paths))
      for (const [method, { parameters = [] }] of Object.entries(item)) {
        const told = parameters.map(
          ({ in: place, name, $ref: ref }: ReturnType<typeof JSON.parse>) =>
            ref === undefined ? `${place} ${name}` : `query ${ref.split('/').at(-1)}`,
        )
        expect(told, `${method} ${path}`).toEqual([...new Set(told)])
      }
    expect(Object.keys(paths['/api/patch'].patch.requestBody.content)).toEqual([
      'application/merge-patch+json',
      'application/json',
    ])
  })

  test('has nested relations in creates, and not in upserts', () => {
    const { paths, components } = openapiOf(buildModel(museum))
    const bodyOf = (path: string, method: string) =>
      paths[path][method].requestBody.content['application/json'].schema
    expect(components.schemas.WorkCreate).toMatchObject({
      required: ['pieceId'],
      allOf: [{ oneOf: [{ required: ['artist'] }, { required: ['artistId'] }] }],
      properties: { artist: { $ref: '#/components/schemas/WorkArtistNested' } },
    })
    expect(components.schemas.WorkArtistNested).toMatchObject({
      minProperties: 1,
      maxProperties: 1,
      properties: { connect: { $ref: '#/components/schemas/WorkArtistConnect' } },
    })
    expect(bodyOf('/api/works/batch', 'post').items).toEqual({
      $ref: '#/components/schemas/WorkCreate',
    })
    expect(bodyOf('/api/works/by/piece-id,role/{pieceId},{role}', 'put')).toMatchObject({
      required: ['artistId'],
    })
    const { allOf, properties } = bodyOf('/api/works/{artistId},{pieceId}', 'put')
    expect([allOf, ...Object.keys(properties)]).toEqual([
      undefined,
      'artistId',
      'pieceId',
      'role',
      'public',
    ])
    expect(bodyOf('/api/labels/by/piece-id/{pieceId}', 'put').properties.pieceId.type).toBe(
      'string',
    ) // null in the table; the path says it here
  })

  test('has the limits, defaults and types of the model', () => {
    const limit = document.paths['/api/products'].get.parameters.find(
      (parameter: { name?: string }) => parameter.name === 'limit',
    )
    expect(limit.schema).toMatchObject({ default: 3, maximum: 5 })
    const { Product, ProductCreate, ProductUpdate } = document.components.schemas
    expect(Product.properties).toMatchObject({
      price: { type: 'string', format: 'decimal' },
      cost: { type: ['string', 'null'] },
      sold: { type: 'string', format: 'int64' },
      weight: { type: ['number', 'null'], deprecated: true },
      attributes: {},
      status: { $ref: '#/components/schemas/ProductStatus' },
    })
    expect(ProductCreate.required).toEqual(['sku', 'name', 'price', 'categoryId'])
    expect(ProductCreate.properties).not.toHaveProperty('id')
    expect(ProductUpdate).toMatchObject({
      minProperties: 1,
      additionalProperties: false,
      properties: { limit: { type: ['integer', 'null'], format: 'int32' } },
    })
  })

  test('requires credentials where anonymous callers are always refused', () => {
    expect(document.paths['/api/categories'].get.security).toContainEqual({})
    expect(document.paths['/api/categories'].post.security).toEqual([
      { bearer: [] },
      { apiKey: [] },
    ])
  })

  test('has a Problem for every error, and a target for every reference', () => {
    for (const [, path = ''] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      expect(
        path.split('/').reduce((at, step) => at?.[step], document),
        path,
      ).toBeDefined()
    }
    expect(
      document.components.responses.Error422.content['application/problem+json'].schema.$ref,
    ).toBe('#/components/schemas/Problem')
  })

  test('is the same text for the same model', () => {
    expect(JSON.stringify(openapiOf(buildShop()))).toBe(JSON.stringify(openapiOf(buildShop())))
  })
})

describe('hand-written routes', () => {
  test('are checked by their Zod schemas, answered by them, and documented', async () => {
    expect((await call(shop, 'GET /api/ping/ann?loud=true')).body).toEqual({ pong: 'ANN' })
    expect(
      (await call(shop, 'POST /api/pong', { body: { email: 'a@example.com', n: 1 } })).body,
    ).toEqual({ sum: 2 })
    expect(document.paths['/api/ping/{name}'].get).toMatchObject({
      summary: 'Answers.',
      operationId: 'get_api_ping_name_',
    })
    expect(
      document.paths['/api/pong'].post.requestBody.content['application/json'].schema.required,
    ).toEqual(['email', 'n'])
    expect(Object.keys(document.paths['/api/pong'].post.responses)).toEqual(
      expect.arrayContaining(['413', '415']),
    ) // of a body
    expect(Object.keys(document.paths['/api/ping/{name}'].get.responses[200].headers)).toContain(
      'X-Request-Id',
    )
  })

  test('answer the same Problems as other routes', async () => {
    expect(problemOf(await call(shop, 'GET /api/ping/a?shout=1'))).toEqual([
      '422 VALIDATION_FAILED',
      'key name too_small',
    ])
    expect(problemOf(await call(shop, 'GET /api/ping/ann?shout=1'))).toEqual([
      '422 VALIDATION_FAILED',
      'input shout unknown_member',
    ])
    expect(problemOf(await call(shop, 'POST /api/pong', { body: { email: 'x', n: '1' } }))).toEqual(
      ['422 VALIDATION_FAILED', 'input n wrong_type'],
    )
    expect(problemOf(await call(shop, 'POST /api/pong', { body: { email: 'x', n: 1 } }))).toEqual([
      '422 VALIDATION_FAILED',
      'input email invalid',
    ])
    const wrong = await call(shop, 'GET /api/wrong')
    expect(problemOf(wrong)).toEqual(['500 INTERNAL'])
    expect(wrong.text).not.toContain('sesame')
    expect(problemOf(await call(shop, 'DELETE /api/pong'))).toEqual(['405 METHOD_NOT_ALLOWED'])
  })
})

test('the prefix itself answers the addresses of the lists', async () => {
  const { body } = await call(shop, 'GET /api')
  expect(body).toMatchObject({
    document: '/openapi.json',
    resources: { products: '/api/products', orderItems: '/api/order-items' },
  })
  expect(body.resources).not.toHaveProperty('feedbacks')
})

test('the prefix can be changed, and the document can be switched off', async () => {
  const other = await openShop({ prefix: '/api/v1', docs: false, extension })
  expect((await call(other, 'GET /api/v1/products/1?fields=name')).body).toEqual({ name: 'Arc' })
  expect((await call(other, 'GET /api/v1/words/a,b')).body.word).toBe('a,b')
  expect((await call(other, 'GET /api/v1/ping/ann')).body).toEqual({ pong: 'ann' })
  expect((await call(other, 'GET /api/products/1')).status).toBe(404)
  expect((await call(other, 'GET /openapi.json')).status).toBe(404)
  expect((await call(other, 'GET /api/v1')).status).toBe(404)
  expect(
    (
      await call(other, 'POST /api/v1/products', {
        body: { sku: 'P', name: 'P', price: '1', categoryId: 1 },
      })
    ).headers['location'],
  ).toMatch(/^\/api\/v1\/products\/\d+$/)
  await closeShop(other)
})
