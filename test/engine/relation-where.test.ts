// Relations with Drizzle's `where`: it applies to their rows, filters and orders, on the target and on the source.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { beforeAll, expect, test } from 'vitest'
import { declare } from '../../src/schema/declare/declare.ts'
import { eachDatabase } from '../support/databases.ts'
import { openFixture, related, select, type Fixture } from './support.ts'

const nodes = pgTable('nodes', {
  id: integer().primaryKey(),
  kind: text().notNull(),
  parentId: integer('parent_id'),
})
const relations = defineRelations({ nodes }, (r) => ({
  nodes: {
    leaves: r.many.nodes({
      from: r.nodes.id,
      to: r.nodes.parentId,
      where: { kind: 'leaf' },
      alias: 'leaves',
    }),
    others: r.many.nodes({
      from: r.nodes.id,
      to: r.nodes.parentId,
      where: { OR: [{ kind: 'twig' }, { id: { gt: 5 } }] },
      alias: 'others',
    }),
    tree: r.one.nodes({
      from: r.nodes.parentId,
      to: r.nodes.id,
      where: { kind: 'tree' },
      alias: 'tree',
    }),
  },
}))
const { resource, access } = declare({ relations })
const declaration = {
  name: 'Trees',
  relations,
  resources: { branch: resource('nodes', { access: { read: access.everyone } }) },
}

eachDatabase((_kind, open) => {
  let fixture: Fixture
  beforeAll(async () => {
    fixture = await openFixture(open, { nodes }, declaration)
    await fixture.sql(
      `insert into nodes values (1, 'tree', null), (2, 'leaf', 1), (3, 'twig', 1), (4, 'leaf', 3), (5, 'stone', 3), (6, 'leaf', 3)`,
    )
  })
  const ids = (page: unknown) =>
    (page as { readonly rows: readonly { readonly id: number }[] }).rows.map(({ id }) => id)

  test('to-many relations have only the rows that pass their where', async () => {
    const ask = {
      key: { id: 3 },
      selection: select('id', related('leaves', select('id')), related('others', select('id'))),
    }
    const row = await fixture.row('branch', ask)
    expect([ids(row?.['leaves']), ids(row?.['others'])]).toEqual([[4, 6], [6]])
  })

  test('a to-one relation is null where its where does not hold', async () => {
    const page = await fixture.page('nodes', {
      selection: select('id', related('tree', select('id'))),
    })
    expect(page.rows.map(({ tree }) => tree)).toEqual([
      null,
      { id: 1 },
      { id: 1 },
      null,
      null,
      null,
    ])
  })

  test('filters through a relation use its where', async () => {
    const page = await fixture.page('nodes', {
      list: { where: { others: { some: { kind: { eq: 'leaf' } } } } },
      selection: select('id'),
    })
    expect(ids(page)).toEqual([3])
    expect(
      ids(
        await fixture.page('nodes', {
          list: { where: { leaves: { none: {} } } },
          selection: select('id'),
        }),
      ),
    ).toEqual([2, 4, 5, 6])
  })
})
