// Differences that random requests have found, each as the request that showed it.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, primaryKey } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildModel } from '../../src/schema/build/build-model.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { type ParityList, type ParityRequest, plainStyle } from '../../src/parity/request.ts'
import { openPairRunner, type Pair } from '../../src/parity/run-pair.ts'
import { openTestGateway } from '../../src/testing/test-gateway.ts'
import type { TestGateway } from '../../src/parity/gateway.ts'
import { onDatabase } from '../support/databases.ts'
import { fillMuseum, museum, relations } from './museum.ts'

const curator = { name: 'curator', payload: { sub: 'curator', roles: ['curator'] } }
const anonymous = { name: 'anonymous', payload: null }
const list = (more: Partial<ParityList> = {}): ParityList => ({ page: {}, total: false, ...more })

onDatabase('pglite', (open) => {
  let gateway: TestGateway
  let ask: (request: Omit<ParityRequest, 'style'>) => Promise<Pair>
  beforeAll(async () => {
    const database = await open({ relations })
    await fillMuseum(database)
    gateway = await openTestGateway(museum, { database })
    const { run } = openPairRunner(gateway, () => false)
    ask = (request) => run({ style: plainStyle, ...request })
  })
  afterAll(() => gateway.close())

  test('BAD_REQUEST comes before VALIDATION_FAILED, in every relation', async () => {
    const bad = {
      name: 'pieces',
      list: list({ where: { noSuchField: {} } }),
      selection: { fields: ['id'], relations: [] },
    }
    const unreadable = {
      name: 'works',
      list: list({ page: { after: { text: 'bm9uZQ' } } }),
      selection: { fields: ['role'], relations: [] },
    }
    for (const both of [
      [bad, unreadable],
      [unreadable, bad],
    ]) {
      const { difference, graphql } = await ask({
        operation: 'artists',
        caller: anonymous,
        list: list(),
        selection: { fields: ['id'], relations: both },
      })
      expect([difference, graphql.outcome]).toMatchObject([
        null,
        {
          code: 'BAD_REQUEST',
          issues: [{ in: 'page', path: ['works', 'after'], code: 'bad_cursor' }],
        },
      ])
    }
  })

  test('several faults of variables get the same message', async () => {
    const { difference, graphql } = await ask({
      operation: 'createArtist',
      caller: anonymous,
      input: { born: 'long ago', noSuchField: 1 },
      selection: { fields: ['id'], relations: [] },
    })
    expect([difference, graphql.outcome]).toMatchObject([
      null,
      { code: 'VALIDATION_FAILED', message: 'The request has 3 faults.' },
    ])
  })

  test('an unknown field is refused in a write whose row no caller can read, too', async () => {
    const { difference, rest } = await ask({
      operation: 'createWish',
      caller: anonymous,
      input: { body: 'more light' },
      selection: { fields: ['body', 'noSuchField'], relations: [] },
    })
    expect([difference, rest.outcome]).toMatchObject([
      null,
      { code: 'BAD_REQUEST', issues: [{ in: 'fields', path: ['noSuchField'] }] },
    ])
  })

  test('rows of a relation with a where, and of a view, are answered alike', async () => {
    const { difference, rest } = await ask({
      operation: 'pieces',
      caller: curator,
      list: list({ where: { modernParts: { some: { era: { eq: 'modern' } } } }, total: true }),
      selection: {
        fields: ['id'],
        relations: [
          {
            name: 'modernParts',
            list: list({ page: { size: 2 } }),
            selection: { fields: ['era'], relations: [] },
          },
        ],
      },
    })
    expect(difference).toBeNull()
    expect(rest.body).toContain('"era":"modern"')
    expect(
      (
        await ask({
          operation: 'crowdedRooms',
          caller: anonymous,
          list: list({ orderBy: [{ path: ['count'], direction: 'DESC' }] }),
          selection: { fields: 'default', relations: [] },
        })
      ).difference,
    ).toBeNull()
  })
})

describe('a junction whose columns all belong to its key', () => {
  const ties = pgTable(
    'ties',
    { left: integer().notNull(), right: integer().notNull() },
    (table) => [primaryKey({ columns: [table.left, table.right] })],
  )
  const tied = defineRelations({ ties })
  const { resource, access } = declare({ relations: tied })
  const { everyone } = access

  test('has no update', () => {
    const tie = resource('ties', {
      access: { read: everyone, create: everyone, update: everyone, delete: everyone },
    })
    expect(
      buildModel({ name: 'Ties', relations: tied, resources: { tie } }).operations.map(
        ({ name }) => name,
      ),
    ).toEqual(['tie', 'ties', 'tiesAggregate', 'createTie', 'deleteTie', 'createTies'])
  })
})
