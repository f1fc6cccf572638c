// With introspection off, a name that a caller is denied for every row answers as one that does not exist, byte for byte:
// every place of a request that names something, on both faces.
import { defineRelations } from 'drizzle-orm'
import { integer, numeric, pgEnum, pgTable, text, unique } from 'drizzle-orm/pg-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { declare } from '../../src/schema/declare/declare.ts'
import { encodeNodeId } from '../../src/graphql/request/node-id.ts'
import type { GatewayBuilder } from '../../src/graphql/schema/builder.ts'
import { gateway } from '../../src/server/gateway.ts'
import { type Faces, openFaces, type Reply, type Sent } from '../faces/http.ts'
import { onDatabase } from '../support/databases.ts'
import { absent, leftOf, normalized, upper } from './hidden-names-support.ts'

const state = pgEnum('item_state', ['new', 'old'])
const makers = pgTable('makers', { id: integer().primaryKey(), name: text().notNull() })
const items = pgTable(
  'items',
  {
    id: integer().primaryKey(),
    name: text().notNull(),
    cost: numeric(),
    state: state(),
    serial: text().unique('items_serial_key'),
    note: text(),
    makerId: integer('maker_id').references(() => makers.id),
  },
  (item) => [unique('items_name_cost').on(item.name, item.cost)],
)
const movements = pgTable('movements', {
  id: integer().primaryKey(),
  itemId: integer('item_id').references(() => items.id),
})
const tables = { state, makers, items, movements }
const relations = defineRelations({ makers, items, movements }, (r) => ({
  items: {
    maker: r.one.makers({ from: r.items.makerId, to: r.makers.id }),
    movements: r.many.movements({ from: r.items.id, to: r.movements.itemId }),
  },
  makers: { items: r.many.items({ from: r.makers.id, to: r.items.makerId }) },
}))
const { resource, operation, access } = declare({
  relations,
  caller: z.object({ user: z.string(), nothing: z.string() }).partial(),
})
const { everyone, role } = access
const staff = role('staff')
const closed = { read: staff, write: staff }
const declaration = gateway({
  name: 'Names',
  relations,
  resources: {
    item: resource('items', {
      access: { read: everyone, create: everyone, update: everyone, delete: staff },
      writes: ['upsert', 'updateMany'],
      nested: ['maker', 'movements'],
      fields: {
        cost: closed,
        state: { read: access.owner('name', 'nothing'), write: () => false }, // no claim, and a function
        serial: closed,
        makerId: closed,
        note: { write: staff },
      },
    }),
    maker: resource('makers', { access: { read: staff, create: staff } }),
    movement: resource('movements', {
      access: { read: staff, create: staff, update: staff, delete: staff },
      writes: ['upsert', 'updateMany', 'deleteMany'],
    }),
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
  },
})

type Ask = (name: string, faces: Faces, sent: Sent) => Promise<Reply>
const rest =
  (method: string, url: (name: string) => string, body?: (name: string) => unknown): Ask =>
  (name, faces, sent) =>
    faces.rest(`${method} /api${url(name)}`, {
      ...sent,
      ...(body === undefined ? {} : { body: body(name) }),
    })
const get = (url: (name: string) => string): Ask => rest('GET', url)
const graphql =
  (query: (name: string) => string, variables: (name: string) => unknown = () => ({})): Ask =>
  (name, faces, sent) =>
    faces.graphql(query(name), { ...sent, variables: variables(name) })
const json = (value: unknown): string => encodeURIComponent(JSON.stringify(value))

/** Where a field may be named to read it. */
const readPlaces: Readonly<Record<string, Ask>> = {
  fields: get((n) => `/items?fields=id,${n}`),
  'fields of one row': get((n) => `/items/1?fields=${n}`),
  'fields of no row': get((n) => `/items/999?fields=${n}`),
  sort: get((n) => `/items?sort=-${n}:nullsLast`),
  where: get((n) => `/items?where=${json({ [n]: { eq: '1' } })}`),
  'where, deep': get((n) => `/items?where=${json({ OR: [{ NOT: { [n]: { isNull: true } } }] })}`),
  'where, too many': get(
    (n) => `/items?where=${json({ OR: Array.from({ length: 120 }, () => ({ [n]: { x: 1 } })) })}`,
  ),
  'where, a wrong operand': get((n) => `/items?where=${json({ [n]: { eq: { a: 1 } } })}`),
  comparison: get((n) => `/items?${n}=1`),
  'comparison with an operator': get((n) => `/items?${n}[gte]=1&zz=1`),
  'comparison with none': get((n) => `/items?${n}[nothing]=1`),
  'repeated comparison': get((n) => `/items?${n}=1&${n}[eq]=1`),
  distinctOn: get((n) => `/items?distinctOn=${n}&sort=${n}`),
  groupBy: get((n) => `/items/aggregate?groupBy=${n}&fields=count`),
  'fields of groups': get((n) => `/items/aggregate?fields=min.${n}`),
  'key of groups': get((n) => `/items/aggregate?groupBy=name&fields=key.${n}`),
  having: get((n) => `/items/aggregate?fields=count&having=${json({ min: { [n]: { eq: '1' } } })}`),
  'sort of groups': get((n) => `/items/aggregate?fields=count&sort=min.${n}`),
  'a request as a body': rest(
    'POST',
    () => '/items/query',
    (n) => ({ where: { [n]: { eq: '1' } }, fields: [n] }),
  ),
  'a member of a body': rest(
    'POST',
    () => '/items/query',
    (n) => ({ [n]: 1 }),
  ),
  'export as CSV': (n, faces, sent) =>
    faces.rest(`GET /api/items?fields=${n}`, { ...sent, headers: { accept: 'text/csv' } }),
  'export as NDJSON': (n, faces, sent) =>
    faces.rest(`GET /api/items?sort=${n}`, {
      ...sent,
      headers: { accept: 'application/x-ndjson' },
    }),
  'fields of a write': rest(
    'POST',
    (n) => `/items?fields=${n}`,
    () => ({ id: 50, name: 'x' }),
  ),
  'a unique key': get((n) => `/items/by/${n}/1`),
  'a unique key, changed': rest(
    'PUT',
    (n) => `/items/by/${n}/1`,
    () => ({}),
  ),
  'G field': graphql((n) => `{ items { nodes { id ${n} } } }`),
  'G aliased field': graphql(
    (n) => `{ a: items { edges { node { b: ${n} } } } item(id: 1) { ${n} } }`,
  ),
  'G field in a fragment': graphql(
    (n) => `{ items { nodes { ...f } } } fragment f on Item { ${n} }`,
  ),
  'G field with a selection': graphql((n) => `{ items { nodes { ${n} { id } } } }`),
  'G where': graphql((n) => `{ items(where: { ${n}: { eq: "1" } }) { nodes { id } } }`),
  'G where, a variable in it': graphql(
    (n) => `query ($v: Decimal) { items(where: { ${n}: { eq: $v } }) { nodes { id } } }`,
    () => ({ v: '1' }),
  ),
  'G where as a variable': graphql(
    () => 'query ($w: ItemFilter) { items(where: $w) { nodes { id } } }',
    (n) => ({ w: { AND: [{ [n]: { eq: '1' } }] } }),
  ),
  'G where as a variable, wrong': graphql(
    () => 'query ($w: ItemFilter) { items(where: $w) { nodes { id } } }',
    (n) => ({ w: { [n]: 7 } }),
  ),
  'G order': graphql((n) => `{ items(orderBy: [{ ${n}: ASC }]) { nodes { id } } }`),
  'G order as a variable': graphql(
    () => 'query ($o: [ItemOrder!]) { items(orderBy: $o) { nodes { id } } }',
    (n) => ({ o: [{ [n]: 'DESC' }] }),
  ),
  'G distinctOn': graphql(
    (n) => `{ items(orderBy: [{ name: ASC }], distinctOn: [${n}]) { nodes { id } } }`,
  ),
  'G distinctOn as a variable': graphql(
    () => 'query ($d: [ItemField!]) { items(distinctOn: $d) { nodes { id } } }',
    (n) => ({ d: [n] }),
  ),
  'G groupBy': graphql((n) => `{ itemsAggregate(groupBy: [${n}]) { count } }`),
  'G groupBy as a variable': graphql(
    () => 'query ($g: [ItemGroupBy!]) { itemsAggregate(groupBy: $g) { count } }',
    (n) => ({ g: [n] }),
  ),
  'G value of groups': graphql((n) => `{ itemsAggregate { min { ${n} } } }`),
  'G key of groups': graphql((n) => `{ itemsAggregate(groupBy: [name]) { key { ${n} } } }`),
  'G having': graphql(
    (n) => `{ itemsAggregate(having: { min: { ${n}: { eq: "1" } } }) { count } }`,
  ),
  'G get by a key': graphql((n) => `{ itemBy${upper(n)}(${n}: "1") { id } }`),
  'G field of a write': graphql(
    (n) => `mutation { createItem(input: { id: 51, name: "x" }) { ${n} } }`,
  ),
}

/** Where a field may be named to write it. */
const writePlaces: Readonly<Record<string, Ask>> = {
  create: rest(
    'POST',
    () => '/items',
    (n) => ({ id: 60, name: 'x', [n]: '1' }),
  ),
  'create, a wrong value': rest(
    'POST',
    () => '/items',
    (n) => ({ id: 60, name: 'x', [n]: { a: [] } }),
  ),
  'create, and no row': rest(
    'POST',
    () => '/items',
    (n) => ({ [n]: '1' }),
  ),
  'create many': rest(
    'POST',
    () => '/items/bulk',
    (n) => [
      { id: 61, name: 'x' },
      { id: 62, [n]: '1' },
    ],
  ),
  update: rest(
    'PATCH',
    () => '/items/1',
    (n) => ({ [n]: '1' }),
  ),
  'update of no row': rest(
    'PATCH',
    () => '/items/999',
    (n) => ({ [n]: '1' }),
  ),
  'update of a version': (n, faces, sent) =>
    faces.rest('PATCH /api/items/1', {
      ...sent,
      body: { [n]: '1' },
      headers: { 'if-match': '"x"' },
    }),
  upsert: rest(
    'PUT',
    () => '/items/1',
    (n) => ({ name: 'x', [n]: '1' }),
  ),
  'write by filter': rest(
    'PATCH',
    () => `/items?where=${json({ name: { eq: 'x' } })}&atMost=1`,
    (n) => ({ [n]: '1' }),
  ),
  batch: rest(
    'POST',
    () => '/batch',
    (n) => ({
      requests: [
        { method: 'PATCH', path: '/api/items/1', body: { name: 'b' } },
        { method: 'PATCH', path: '/api/items/1', body: { [n]: '1' } },
      ],
    }),
  ),
  'G create': graphql(
    (n) => `mutation { createItem(input: { id: 63, name: "x", ${n}: "1" }) { id } }`,
  ),
  'G create as a variable': graphql(
    () => 'mutation ($i: ItemCreate!) { createItem(input: $i) { id } }',
    (n) => ({ i: { id: 64, name: 'x', [n]: '1' } }),
  ),
  'G create as a variable, wrong': graphql(
    () => 'mutation ($i: ItemCreate!) { createItem(input: $i) { id } }',
    (n) => ({ i: { [n]: [] } }),
  ),
  'G update': graphql((n) => `mutation { updateItem(id: 1, input: { ${n}: "1" }) { id } }`),
  'G several': graphql(
    () =>
      `mutation ($i: ItemUpdate!) { a: updateItem(id: 1, input: { name: "c" }) { id } b: updateItem(id: 1, input: $i) { id } }`,
    (n) => ({ i: { [n]: '1' } }),
  ),
}

const relationPlaces: Readonly<Record<string, Ask>> = {
  include: get((n) => `/items?include=${n}`),
  'fields along it': get((n) => `/items?fields=${n}.id`),
  'its own fields': get((n) => `/items?include=${n}&${n}.fields=name`),
  'its own limit': get((n) => `/items?include=${n}&${n}.limit=1`),
  'its own where': get((n) => `/items?include=${n}&${n}.where=%7B%7D`),
  where: get((n) => `/items?where=${json({ [n]: { some: { id: { eq: 1 } } } })}`),
  'where, a row': get((n) => `/items?where=${json({ [n]: { id: { eq: 1 } } })}`),
  'where, deep': get(
    (n) =>
      `/items?where=${json({ [n]: { x: { [n]: { x: { [n]: { x: { [n]: { x: {} } } } } } } } })}`,
  ),
  sort: get((n) => `/items?sort=${n}.count,${n}.name`),
  'deep in fields': get((n) => `/items?fields=${Array(20).fill(n).join('.')}`),
  path: get((n) => `/items/1/${n}`),
  'path of no row': get((n) => `/items/999/${n}`),
  'path with a method it lacks': rest(
    'PUT',
    (n) => `/items/1/${n}`,
    () => ({}),
  ),
  'path with OPTIONS': rest('OPTIONS', (n) => `/items/1/${n}`),
  'path of a query': rest(
    'POST',
    (n) => `/items/1/${n}/query`,
    () => ({}),
  ),
  'along it in a create': rest(
    'POST',
    () => '/items',
    (n) => ({ id: 70, name: 'x', [n]: { create: { id: 1, name: 'm' } } }),
  ),
  'G field': graphql((n) => `{ items { nodes { ${n} { id } } } }`),
  'G rows': graphql((n) => `{ items { nodes { ${n}(first: 1) { nodes { id } totalCount } } } }`),
  'G where': graphql(
    (n) => `{ items(where: { ${n}: { some: { id: { eq: 1 } } } }) { nodes { id } } }`,
  ),
  'G where as a variable': graphql(
    () => 'query ($w: ItemFilter) { items(where: $w) { nodes { id } } }',
    (n) => ({ w: { [n]: { id: { eq: 1 } } } }),
  ),
  'G order': graphql((n) => `{ items(orderBy: [{ ${n}: { count: ASC } }]) { nodes { id } } }`),
  'G along it in a create': graphql(
    (n) =>
      `mutation { createItem(input: { id: 71, name: "x", ${n}: { create: { id: 1, name: "m" } } }) { id } }`,
  ),
}

const resourcePlaces: Readonly<Record<string, Ask>> = {
  ...Object.fromEntries(
    ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].flatMap((method) =>
      ['', '/1', '/aggregate', '/query', '/1/item'].map((below) => [
        `${method} …${below}`,
        rest(
          method,
          (n) => `/${n}s${below}`,
          ['POST', 'PUT', 'PATCH'].includes(method) ? () => ({ id: 1 }) : undefined,
        ),
      ]),
    ),
  ),
  'a body that is no JSON': (n, faces, sent) =>
    faces.rest(`POST /api/${n}s`, { ...sent, headers: { 'content-type': 'text/plain' }, body: 1 }),
  'an unknown parameter': get((n) => `/${n}s?nothing=1`),
  batch: rest(
    'POST',
    () => '/batch',
    (n) => ({ requests: [{ method: 'DELETE', path: `/api/${n}s/1` }] }),
  ),
  'G list': graphql((n) => `{ ${n}s { nodes { id } } }`),
  'G get': graphql((n) => `{ ${n}(id: 1) { nothing } }`),
  'G groups': graphql((n) => `{ ${n}sAggregate { count } }`),
  'G create': graphql((n) => `mutation { create${upper(n)}(input: { id: 1 }) { id } }`),
  'G write by filter': graphql(
    (n) => `mutation { delete${upper(n)}s(where: { id: { eq: 1 } }, atMost: 1) { count } }`,
  ),
  'G type': graphql((n) => `{ node(nodeId: "x") { ... on ${upper(n)} { id } } }`),
  'G fragment': graphql((n) => `{ node(nodeId: "x") { ...f } } fragment f on ${upper(n)} { id }`),
  'G filter type': graphql(
    (n) => `query ($w: ${upper(n)}Filter) { items(where: $w) { nodes { id } } }`,
  ),
  'G input type': graphql(
    (n) => `mutation ($i: ${upper(n)}Create!) { createItem(input: $i) { id } }`,
  ),
}

const operationPlaces: Readonly<Record<string, Ask>> = {
  path: rest(
    'POST',
    (n) => `/${n}`,
    () => ({ id: 1 }),
  ),
  'path with a wrong input': rest(
    'POST',
    (n) => `/${n}`,
    () => ({ nothing: 1 }),
  ),
  'another method': get((n) => `/${n}`),
  batch: rest(
    'POST',
    () => '/batch',
    (n) => ({ requests: [{ method: 'POST', path: `/api/${n}`, body: {} }] }),
  ),
  'G field': graphql((n) => `mutation { ${n}(input: { id: 1 }) { done } }`),
  'G field, wrong': graphql((n) => `mutation { ${n}(nothing: 1) { nothing } }`),
  'G type': graphql(
    (n) =>
      `mutation { createItem(input: { id: 1, name: "x" }) { ... on ${upper(n)}Output { done } } }`,
  ),
}

const enumPlaces: Readonly<Record<string, Ask>> = {
  'G enum': graphql(
    (n) => `query ($s: [Item${upper(n)}!]) { items { nodes { id @include(if: $s) } } }`,
  ),
  'G filter': graphql(
    (n) => `query ($s: Item${upper(n)}Filter) { items(where: { name: $s }) { nodes { id } } }`,
  ),
}

const matrix: readonly (readonly [string, Readonly<Record<string, Ask>>])[] = [
  ...['cost', 'state', 'serial', 'makerId'].map((name) => [name, readPlaces] as const),
  ...['cost', 'state', 'serial', 'note', 'makerId'].map((name) => [name, writePlaces] as const),
  ...['maker', 'movements'].map((name) => [name, relationPlaces] as const),
  ...['movement', 'maker'].map((name) => [name, resourcePlaces] as const),
  ['audit', operationPlaces],
  ['state', enumPlaces],
]

onDatabase('pglite', (open) => {
  let faces: Faces
  beforeAll(async () => {
    faces = await openFaces(await open(), tables, declaration, {
      INTROSPECTION: 'false',
      COST_BUDGET: '100000',
    })
    await faces.sql("insert into makers values (1, 'Ada')")
    await faces.sql(
      "insert into items values (1, 'a', 1, 'new', 'c1', 'n', 1), (2, 'b', 1, 'old', 'c2', 'n', 1)",
    )
    await faces.sql('insert into movements values (1, 1)')
  })

  describe.each(['anonymous', 'ann'])('to %s', (who) => {
    const sent: Sent = who === 'anonymous' ? {} : { as: who }
    test.each(matrix)(
      '%s answers as a name that does not exist, at every place',
      async (name, places) => {
        for (const [place, ask] of Object.entries(places)) {
          const [before, hidden, unknown] = [
            await ask(absent(name), faces, sent),
            await ask(name, faces, sent),
            await ask(absent(name), faces, sent),
          ]
          expect(leftOf(before) - leftOf(hidden), `${place}: points`).toBe(
            leftOf(hidden) - leftOf(unknown),
          )
          expect(normalized(hidden, name), place).toBe(normalized(unknown, absent(name)))
          expect(hidden.text, place).not.toMatch(/Allowed are|There is (where|fields)|Did you mean/)
        }
        // without a budget, the points above would all be NaN
        const paid = await faces.rest('GET /api/items?limit=1', sent)
        expect(leftOf(paid)).toBeGreaterThan(0)
        expect(await faces.sql('select id, cost, note, serial from items order by id')).toEqual([
          ['1', '1', 'n', 'c1'],
          ['2', '1', 'n', 'c2'],
        ])
      },
    )
  })

  test('a batch whose later request names what is hidden pays, since the earlier ones have run', async () => {
    const before = leftOf(await faces.rest('GET /api/items?limit=1', { as: 'ann' }))
    const change = { method: 'PATCH', path: '/api/items/1', body: { name: 'changed' } }
    const late = { method: 'PATCH', path: '/api/items/1?fields=cost', body: { name: 'b' } }
    const body = { requests: [...Array.from({ length: 9 }, () => change), late] }
    const answer = await faces.rest('POST /api/batch', { as: 'ann', body })
    expect(answer.status, answer.text).toBeGreaterThanOrEqual(400)
    expect(before - leftOf(answer)).toBe(10)
    const first = await faces.rest('POST /api/batch', { as: 'ann', body: { requests: [late] } })
    expect(leftOf(first)).toBe(leftOf(answer))
  })

  test('a conflict names the fields that the caller may know', async () => {
    const fieldsOf = ({ body }: Reply): readonly string[] =>
      (body.issues ?? body.errors[0].extensions.issues).map((issue: { path: string[] }) =>
        issue.path.join('.'),
      )
    const change = { body: { name: 'a' } }
    expect(fieldsOf(await faces.rest('PATCH /api/items/2', { ...change, as: 'ann' }))).toEqual([
      'name',
    ])
    expect(fieldsOf(await faces.rest('PATCH /api/items/2', { ...change, as: 'staff' }))).toEqual([
      'name',
      'cost',
    ])
    const mutation = 'mutation { updateItem(id: 2, input: { name: "a" }) { id } }'
    expect(fieldsOf(await faces.graphql(mutation, { as: 'ann' }))).toEqual(['name'])
  })

  test('a verb that is denied answers a refusal, regardless of what else the request names', async () => {
    const [one, other] = [
      await faces.rest('DELETE /api/items/1?fields=cost', { as: 'ann' }),
      await faces.rest('DELETE /api/items/1?fields=zost', { as: 'ann' }),
    ]
    expect([one.status, other.status]).toEqual([403, 403])
    expect(normalized(one, 'cost')).toBe(normalized(other, 'zost'))
    expect((await faces.rest('DELETE /api/items/1')).status).toBe(401)
  })

  test('the id of a row of a hidden type is no id', async () => {
    const ask = (type: string) =>
      faces.graphql('query ($id: ID!) { node(nodeId: $id) { nodeId } }', {
        variables: { id: encodeNodeId(type, [1]) },
      })
    const [hidden, unknown] = [await ask('Movement'), await ask('Zovement')]
    expect(normalized(hidden, 'x')).toBe(normalized(unknown, 'x'))
    expect((await ask('Item')).body.data.node).toEqual({ nodeId: encodeNodeId('Item', [1]) })
  })

  test('who may read a name has it, and is told of no others', async () => {
    const as = 'staff'
    expect((await faces.rest('GET /api/items/1?fields=cost,maker.name', { as })).body).toEqual({
      cost: '1',
      maker: { name: 'Ada' },
    })
    expect(
      (await faces.graphql('{ movements { nodes { id } } }', { as })).body.data.movements.nodes,
    ).toEqual([{ id: 1 }])
    for (const query of ['fields=nothing', 'nothing=1', 'name[nothing]=1', 'sort=nothing'])
      expect((await faces.rest(`GET /api/items?${query}`, { as })).text).not.toMatch(/serial/)
  })

  test('the documents of the schema are not served', async () => {
    for (const path of ['/openapi.json', '/schema.graphql', '/docs'])
      expect((await faces.rest(`GET ${path}`, { as: 'staff' })).status, path).toBe(404)
  })

  test('hand-written fields stay, also on types that the caller may not know', async () => {
    const written = await openFaces(
      await open(),
      tables,
      {
        ...declaration,
        graphql: (builder: GatewayBuilder<typeof relations>) => {
          builder.drizzleObjectField('movements', 'label', (t) => t.string({ resolve: () => 'l' }))
          builder.queryField('hello', (t) => t.string({ resolve: () => 'hello' }))
        },
      },
      { INTROSPECTION: 'false' },
    )
    expect((await written.graphql('{ hello items { nodes { id } } }')).body.data).toEqual({
      hello: 'hello',
      items: { nodes: [] },
    })
    expect((await written.graphql('{ hello items { nodes { cost } } }')).text).toMatch(
      /There is no cost here/,
    )
  })
})
