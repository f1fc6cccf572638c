// Values that only the database can check: the issue names the wrong one, the same on both faces.
import { defineRelations } from 'drizzle-orm'
import { customType, inet, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { declare } from '../../src/schema/declare/declare.ts'
import { gateway } from '../../src/server/gateway.ts'
import { createTables } from '../engine/support.ts'
import { eachDatabase } from '../support/databases.ts'
import { type Faces, openFaces } from './support.ts'

const range = customType<{ data: string }>({ dataType: () => 'int4range' })
const level = customType<{ data: string }>({ dataType: () => 'private.level' })
const hosts = pgTable('hosts', {
  address: inet().primaryKey(),
  name: text().notNull(),
  others: inet().array(),
  ports: range(),
  grid: integer().array('[][]'),
  level: level(),
})
const visits = pgTable('visits', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  host: inet()
    .notNull()
    .references(() => hosts.address),
  source: inet(),
})
const relations = defineRelations({ hosts, visits }, (r) => ({
  hosts: { visits: r.many.visits() },
  visits: { at: r.one.hosts({ from: r.visits.host, to: r.hosts.address, optional: false }) },
}))
const {
  resource,
  access: { everyone },
} = declare({ relations })
const all = { read: everyone, create: everyone, update: everyone, delete: everyone }
const declaration = gateway({
  name: 'Hosts',
  relations,
  resources: {
    host: resource('hosts', {
      access: all,
      fields: { address: { settable: true } },
      writes: ['upsert', 'updateMany', 'deleteMany'],
      nested: ['visits'],
    }),
    visit: resource('visits', { access: all, nested: ['at'] }),
  },
})

const INET = 'wrong_type: Expected a value of the type inet.'

eachDatabase((_kind, open) => {
  let faces: Faces
  beforeAll(async () => {
    const database = await open({ relations })
    await database.query({ text: 'create schema private', values: [] })
    await database.query({
      text: 'create domain private.level as int4range check (value is distinct from int4range(1, 2))',
      values: [],
    })
    await createTables(database, { hosts, visits })
    await database.query({
      text: `insert into hosts (address, name) values ('10.0.0.1', 'one'), ('10.0.0.2', 'two')`,
      values: [],
    })
    await database.query({ text: `insert into visits (host) values ('10.0.0.1')`, values: [] })
    faces = await openFaces(declaration, database)
  })
  afterAll(() => faces.gateway.close())

  const listed = async (
    operation: string,
    where: object,
    more: Parameters<Faces['send']>[1] = {},
  ) =>
    (
      await faces.send(operation, {
        list: { where, page: {}, total: false },
        fields: ['name'],
        ...more,
      })
    ).answer
  const refused = (...issues: string[]) => ['VALIDATION_FAILED', ...issues]

  test('a wrong value in a filter is found at every comparison and through relations', async () => {
    expect(await listed('hosts', { address: { eq: 'nowhere' } })).toEqual(
      refused(`where address.eq ${INET}`),
    )
    expect(
      await listed('hosts', {
        OR: [
          { address: { in: ['10.0.0.1', 'x', '10.0.0.300'] } },
          { NOT: { ports: { ne: '[1' } } },
        ],
      }),
    ).toEqual(
      refused(
        `where OR.0.address.in.1 ${INET}`,
        `where OR.0.address.in.2 ${INET}`,
        'where OR.1.NOT.ports.ne wrong_type: Expected a value of the type int4range.',
      ),
    )
    expect(await listed('hosts', { others: { has: 'x' } })).toEqual(
      refused(`where others.has ${INET}`),
    )
    expect(await listed('hosts', { others: { hasSome: ['10.0.0.1', 'x'] } })).toEqual(
      refused(`where others.hasSome.1 ${INET}`),
    )
    expect(
      await listed('hosts', {
        visits: { some: { source: { eq: 'x' }, at: { address: { eq: 'y' } } } },
      }),
    ).toEqual(
      refused(`where visits.some.source.eq ${INET}`, `where visits.some.at.address.eq ${INET}`),
    )
    for (let again = 0; again < 3; again += 1)
      expect(await listed('hosts', { address: { eq: 'x' } })).toEqual(
        refused(`where address.eq ${INET}`),
      ) // prepared
  })

  test('a wrong value in the filter of a related list is found', async () => {
    const visitsOf = [
      {
        name: 'visits',
        list: { where: { source: { eq: 'x' } }, page: {}, total: false },
        selection: { fields: ['id'], relations: [] },
      },
    ] as const
    expect(await listed('hosts', { name: { eq: 'one' } }, { relations: visitsOf })).toEqual(
      refused(`where visits.source.eq ${INET}`),
    )
  })

  test('a wrong value in a key is found', async () => {
    expect((await faces.send('host', { key: { address: 'x' }, fields: ['name'] })).answer).toEqual(
      refused(`key address ${INET}`),
    )
    expect((await faces.send('deleteHost', { key: { address: 'x' } })).answer).toEqual(
      refused(`key address ${INET}`),
    )
  })

  test('a wrong value in an input is found, of several rows and along relations too', async () => {
    expect(
      (
        await faces.send('createHost', {
          input: { address: 'x', name: 'n', others: ['10.0.0.1', 'y'], ports: '[1,2)' },
        })
      ).answer,
    ).toEqual(refused(`input address ${INET}`, `input others.1 ${INET}`))
    expect(
      (await faces.send('updateHost', { key: { address: '10.0.0.1' }, input: { ports: '(' } }))
        .answer,
    ).toEqual(refused('input ports wrong_type: Expected a value of the type int4range.'))
    expect(
      (
        await faces.send('createHosts', {
          input: [
            { address: '10.0.0.3', name: 'n' },
            { address: 'x', name: 'n' },
          ],
        })
      ).answer,
    ).toEqual(refused(`input 1.address ${INET}`))
    expect((await faces.send('upsertHost', { input: { address: 'x', name: 'n' } })).answer).toEqual(
      refused(`input address ${INET}`),
    )
    expect(
      (
        await faces.send('createHost', {
          input: {
            address: '10.0.0.4',
            name: 'n',
            visits: { create: [{ source: '1.1.1.1' }, { source: 'x' }] },
          },
        })
      ).answer,
    ).toEqual(refused(`input visits.create.1.source ${INET}`))
    expect(
      (
        await faces.send('createVisit', {
          input: { source: 'x', at: { connect: { address: 'y' } } },
        })
      ).answer,
    ).toEqual(refused(`input source ${INET}`, `input at.connect.address ${INET}`))
  })

  test('a valid value gets no issue, and names of the database are not revealed', async () => {
    expect(
      (
        await faces.send('createHost', {
          input: { address: '10.0.0.5', name: 'n', grid: '{{1,2},{3,4}}', ports: '[1' },
        })
      ).answer,
    ).toEqual(refused('input ports wrong_type: Expected a value of the type int4range.'))
    expect(
      (
        await faces.send('createHost', {
          input: { address: '10.0.0.5', name: 'n', grid: '{{1,x}}', level: 'x' },
        })
      ).answer,
    ).toEqual(
      refused(
        'input grid wrong_type: Expected a value of the type integer[][].',
        'input level wrong_type: This is no value of its type.',
      ),
    )
    expect(
      (await faces.send('createHost', { input: { address: 'x', name: 'n', level: '[1,2)' } }))
        .answer,
    ).toEqual(['VALIDATION_FAILED']) // a broken check is not reported as a wrong value
  })

  test('of very many values the wrong one is not named', async () => {
    expect(
      await listed('hosts', { address: { in: Array.from({ length: 21 }, () => 'x') } }),
    ).toEqual(['VALIDATION_FAILED'])
  })
})
