// Estimated totals tell nothing of rows that the caller may not see: the planner's statistics are of all rows.
import { randomBytes } from 'node:crypto'
import { defineRelations, eq } from 'drizzle-orm'
import { integer, pgTable, pgView, text } from 'drizzle-orm/pg-core'
import { beforeAll, expect, test } from 'vitest'
import { openEngine } from '../../src/engine/engine.ts'
import { execute } from '../../src/engine/execute.ts'
import { buildModel } from '../../src/schema/build/build-model.ts'
import { anonymous } from '../../src/schema/declare/caller.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { createDatabase, eachDatabase, onDatabase } from '../support/databases.ts'
import { createTables } from '../engine/support.ts'
import { type Faces, openFaces } from './http.ts'

const makers = pgTable('makers', { id: integer().primaryKey(), state: text().notNull() })
const goods = pgTable('goods', {
  id: integer().primaryKey(),
  makerId: integer('maker_id').notNull(),
  state: text().notNull(),
  stock: integer().notNull(),
})
const openGoods = pgView('open_goods').as((query) =>
  query.select().from(goods).where(eq(goods.state, 'open')),
)
const tables = { makers, goods }
const relations = defineRelations({ ...tables, openGoods }, (r) => ({
  makers: { goods: r.many.goods({ from: r.makers.id, to: r.goods.makerId }) },
  goods: { maker: r.one.makers({ from: r.goods.makerId, to: r.makers.id }) },
}))
const { resource, access } = declare({ relations })
const staff = access.role('staff')
const declaration = {
  name: 'Goods',
  relations,
  resources: {
    maker: resource('makers', { access: { read: access.any({ state: { eq: 'open' } }, staff) } }),
    good: resource('goods', { access: { read: access.any({ state: { eq: 'open' } }, staff) } }),
    openGood: resource('openGoods', { access: { read: access.everyone }, key: ['id'] }),
  },
}
/** 12,000 open goods, and 6,000 that are closed. */
const fill = [
  "insert into makers select i, case when i = 2 then 'closed' else 'open' end from generate_series(1, 2) i",
  "insert into goods select i, 1 + i % 2, case when i % 3 = 0 then 'closed' else 'open' end, i % 10 from generate_series(1, 18000) i",
]
const AT_LEAST = 10_001

eachDatabase((_kind, open) => {
  let faces: Faces
  beforeAll(async () => {
    faces = await openFaces(await open(), tables, declaration)
    await faces.sql("create view open_goods as select * from goods where state = 'open'")
    for (const statement of [...fill, 'analyze']) await faces.sql(statement)
  })

  /** The total of each face, which are the same. */
  async function totalOf(list: string, where: object, as?: string): Promise<number> {
    const sent = as === undefined ? {} : { as }
    const path = list.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    const filter = encodeURIComponent(JSON.stringify(where))
    const query = `${path}?limit=1&fields=id&count=estimated&where=${filter}`
    const { body: rest } = await faces.rest(`GET /api/${query}`, sent)
    const { body: graphql } = await faces.graphql(
      `query ($where: ${list === 'goods' ? 'Good' : 'OpenGood'}Filter) { ${list}(first: 1, where: $where) { totalCount(mode: ESTIMATED) } }`,
      { ...sent, variables: { where } },
    )
    expect(graphql.data?.[list].totalCount, JSON.stringify([graphql, rest])).toBe(rest.page.total)
    return rest.page.total
  }

  test('do not change when hidden rows do', async () => {
    const where = { NOT: { stock: { eq: 777 } } }
    const before = await totalOf('goods', where)
    await faces.sql("update goods set stock = 777 where state = 'closed'")
    await faces.sql('analyze goods')
    expect([before, await totalOf('goods', where)]).toEqual([AT_LEAST, AT_LEAST])
    expect(await totalOf('goods', { ...where, id: { lte: 9000 } })).toBe(6000) // counted
    expect(await totalOf('goods', {}, 'staff')).toBeGreaterThan(15_000) // all rows: the planner's
  })

  test('of a view are counts, for a view hides rows as well', async () => {
    expect(await totalOf('openGoods', {})).toBe(AT_LEAST)
  })
})

eachDatabase((_kind, open) => {
  test('depend on the policies of tables that the filter goes through', async () => {
    const own = {
      ...declaration.resources,
      good: resource('goods', { access: { read: access.everyone } }),
    }
    const faces = await openFaces(await open(), tables, { ...declaration, resources: own })
    for (const statement of [...fill, 'analyze']) await faces.sql(statement)
    const total = async (where: object, as: string) => {
      const filter = encodeURIComponent(JSON.stringify(where))
      const query = `goods?limit=1&fields=id&count=estimated&where=${filter}`
      return (await faces.rest(`GET /api/${query}`, { as })).body.page.total
    }
    const through = { OR: [{ id: { gt: 0 } }, { NOT: { maker: { id: { gt: 0 } } } }] }
    expect(await total({}, 'ann')).toBeGreaterThan(15_000)
    expect(await total(through, 'ann')).toBe(AT_LEAST)
    expect(await total(through, 'staff')).toBeGreaterThan(AT_LEAST)
    const { body } = await faces.rest(
      'GET /api/makers?fields=id&include=goods&goods.limit=1&goods.count=estimated',
      { as: 'staff' },
    )
    expect(body.data).toHaveLength(2)
  })
})

onDatabase('postgres', (open) => {
  test('are counts where row level security hides rows from the gateway itself', async () => {
    const { url, drop } = await createDatabase('postgres')
    const owner = await open({ url })
    await createTables(owner, tables)
    const reader = `reader_${randomBytes(6).toString('hex')}`
    for (const statement of [
      ...fill,
      'analyze',
      `create role ${reader} login password 'reader'`,
      `grant select on goods to ${reader}`,
      'alter table goods enable row level security',
      "create policy opened on goods using (state = 'open')",
    ])
      await owner.query({ text: statement, values: [] })
    const login = new URL(url)
    login.username = reader
    login.password = 'reader'
    const totals: unknown[] = []
    for (const of of [url, login.href]) {
      const database = await open({ url: of })
      const own = resource('goods', { access: { read: access.everyone } })
      const engine = openEngine({
        model: buildModel({ ...declaration, resources: { good: own } }),
        database,
      })
      const operation = engine.model.operations.find(({ name }) => name === 'goods')
      if (operation === undefined) throw new Error('There is no list of goods.')
      const page = await execute(engine, {
        operation,
        input: { list: { first: 1 } },
        selection: { fields: ['id'], relations: [] },
        total: 'estimated',
        caller: anonymous,
        denied: 'refuse',
      })
      totals.push(page.type === 'page' ? page.page.total : page.type)
      await database.close()
    }
    await owner.query({ text: `drop owned by ${reader}`, values: [] })
    await owner.query({ text: `drop role ${reader}`, values: [] })
    await owner.close()
    await drop()
    expect(totals[0]).toBeGreaterThan(15_000)
    expect(totals[1]).toBe(AT_LEAST)
  })
})
