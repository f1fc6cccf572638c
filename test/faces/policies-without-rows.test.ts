// Policies about rows where there is no row: refused by the model, and at run time by both faces, with a line in the log.
import { defineRelations } from 'drizzle-orm'
import { boolean, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Database } from '../../src/db/database.ts'
import { buildModel } from '../../src/schema/build/build-model.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { eachDatabase } from '../support/databases.ts'
import { createTables } from '../engine/support.ts'
import { type FacesAnswer, type Faces, openFaces } from './support.ts'

const docs = pgTable('docs', {
  id: integer().primaryKey(),
  authorId: text(),
  note: text(),
  grade: integer(),
  locked: boolean().notNull().default(false),
})
const relations = defineRelations({ docs })
const { resource, operation, access } = declare({
  relations,
  caller: z.object({ userId: z.string() }).partial(),
})
const { everyone } = access
const staff = access.role('staff')
const open = { read: everyone, create: everyone, update: everyone }
const lockedRows = () => ({ locked: { eq: true } })

/** Declarations that the compiler refuses, and a cast or JavaScript lets through. */
const cast = (policy: unknown) => policy as never
const guardedBy = (policy: unknown) =>
  operation({
    kind: 'mutation',
    rest: 'POST /ops/guarded',
    access: cast(policy),
    output: z.object({ ok: z.string() }),
    handle: async () => ({ ok: 'ran' }),
  })

describe('the model refuses', () => {
  const aboutRows = "is about rows; a field's write policy asks about its caller only."
  const own = access.owner('authorId', 'userId')

  test.each<[string, unknown]>([
    ['an owner', own],
    ['not an owner', access.not(own)],
    ['a filter', { locked: { eq: true } }],
    ['not a filter', access.not(cast({ locked: { eq: true } }))],
    [
      'an owner deep inside',
      access.any(staff, access.all(staff, access.not(access.any(own, staff)))),
    ],
  ])('%s', (_, policy) => {
    const doc = resource('docs', { access: open, fields: { note: { write: cast(policy) } } })
    expect(() => buildModel({ name: 'Docs', relations, resources: { doc } })).toThrow(
      `doc.fields.note.write ${aboutRows}`,
    )
    const plain = resource('docs', { access: open })
    expect(() =>
      buildModel({
        name: 'Docs',
        relations,
        resources: { doc: plain },
        operations: { guarded: guardedBy(policy) },
      }),
    ).toThrow('operations.guarded.access is about rows; an operation asks about its caller only.')
  })

  test.each<[string, unknown, string]>([
    [
      'undefined',
      undefined,
      'is undefined; it must be a policy of `access`, a filter on rows, or a function of the caller.',
    ],
    ['null', null, 'is null; it must be'],
    ['text', 'staff', 'is "staff"; it must be'],
    ['a yes', true, 'is true; it must be'],
    ['a list', [staff], 'is a list; it must be'],
    [
      'a function of access that is not called',
      access.role,
      'is a function of `access` that is not called.',
    ],
    ['an owner that is not called', access.owner, 'is a function of `access` that is not called.'],
    [
      'a role without a name',
      access.role(cast(undefined)),
      'has the roles undefined; `access.role` takes the names of one or more.',
    ],
    ['all of nothing', access.all(), 'is `access.all` of nothing; it takes one or more'],
    ['any of nothing', access.any(), 'is `access.any` of nothing; it takes one or more'],
    ['a list of roles', access.role(cast(['staff'])), 'has the roles a list;'],
  ])('%s inside of any, all and not, wherever a policy stands', (_, given, what) => {
    const inside = [
      access.any(staff, cast(given)),
      access.all(access.any(cast(given)), staff),
      access.not(cast(given)),
    ]
    for (const policy of inside) {
      const doc = resource('docs', {
        access: { ...open, read: cast(policy) },
        fields: { note: { read: cast(policy), write: cast(policy) } },
      })
      const build = () =>
        buildModel({
          name: 'Docs',
          relations,
          resources: { doc },
          operations: { guarded: guardedBy(policy) },
        })
      for (const where of [
        'doc.access.read',
        'doc.fields.note.read',
        'doc.fields.note.write',
        'operations.guarded.access',
      ])
        expect(build).toThrow(`${where} ${what}`)
    }
  })

  test('a filter with an undefined member, which every row would pass', () => {
    const doc = resource('docs', {
      access: {
        read: cast({ locked: { eq: undefined } }),
        update: access.not(cast({ OR: [{ locked: undefined }] })),
      },
    })
    const build = () => buildModel({ name: 'Docs', relations, resources: { doc } })
    expect(build).toThrow('doc.access.read.locked.eq is undefined, which would match every row.')
    expect(build).toThrow(
      'doc.access.update.OR.0.locked is undefined, which would match every row.',
    )
  })
})

eachDatabase((_kind, fresh) => {
  const functions: readonly [string, unknown][] = [
    ['a filter', lockedRows],
    ['not a filter', access.not(cast(lockedRows))],
    ['not a filter, beside a role', access.any(staff, access.not(cast(lockedRows)))],
    [
      'not a filter, under all',
      access.all(everyone, access.not(access.all(everyone, cast(lockedRows)))),
    ],
    ['nothing', access.not(cast(() => undefined))],
    ['a promise', access.not(cast(async () => false))],
  ]
  let database: Database
  beforeAll(async () => {
    database = await fresh({ relations })
    await createTables(database, { docs })
    await database.query({
      text: "insert into docs values (1, 'ann', 'old', 1, true), (2, null, 'old', 1, false)",
      values: [],
    })
  })

  const openWith = (policy: unknown): Promise<Faces> =>
    openFaces(
      {
        name: 'Docs',
        relations,
        resources: {
          doc: resource('docs', { access: open, fields: { note: { write: cast(policy) } } }),
        },
        operations: { guarded: guardedBy(policy) },
      },
      database,
    )

  /** The one line of the log about the mistake, for each face. */
  const faultOf = ({ defects }: FacesAnswer): readonly string[] =>
    defects.map((line) => JSON.parse(line).err.message)

  test.each(functions)(
    'a function that returns %s refuses every caller, and the log says where',
    async (_, policy) => {
      const faces = await openWith(policy)
      const of = (place: string): string =>
        `${place} did not return true or false. Nothing else is allowed there, because there is no row to filter.`
      const asked = async (code: string, as?: { userId: string }): Promise<void> => {
        const ask = as === undefined ? {} : { as }
        const ran = await faces.send('guarded', ask)
        expect(ran.answer).toEqual([code])
        expect(faultOf(ran)).toEqual([
          of('operations.guarded.access'),
          of('operations.guarded.access'),
        ])
        const written = await faces.send('updateDoc', {
          ...ask,
          key: { id: 1 },
          input: { note: 'new' },
          fields: ['note'],
        })
        expect(written.answer).toEqual([code, expect.stringContaining('input note')])
        expect(faultOf(written)).toEqual([of('doc.fields.note.write'), of('doc.fields.note.write')])
        const created = await faces.send('createDoc', {
          ...ask,
          input: { id: 9, note: 'new' },
          fields: ['note'],
        })
        expect(created.answer).toEqual([code, expect.stringContaining('input note')])
      }
      await asked('UNAUTHENTICATED')
      await asked('FORBIDDEN', { userId: 'ann' })
      await faces.gateway.close()
    },
  )

  test('a caller whom another part lets in is let in', async () => {
    const faces = await openWith(access.any(staff, access.not(cast(lockedRows))))
    expect((await faces.send('guarded', { as: { roles: ['staff'] } })).answer).toEqual({
      ok: 'ran',
    })
    const written = await faces.send('updateDoc', {
      as: { roles: ['staff'] },
      key: { id: 1 },
      input: { note: 'new' },
      fields: ['note'],
    })
    expect([written.answer, written.defects]).toEqual([{ note: 'new' }, []])
    await faces.gateway.close()
  })

  test('not of an owner refuses callers without the claim, and hides rows without an owner', async () => {
    const doc = resource('docs', {
      access: { read: access.not(access.owner('authorId', 'userId')), update: everyone },
    })
    const faces = await openFaces({ name: 'Docs', relations, resources: { doc } }, database)
    const list = { list: { page: {}, total: false as const }, fields: ['id'] }
    expect((await faces.send('docs', list)).answer).toEqual(['UNAUTHENTICATED'])
    expect((await faces.send('docs', { ...list, as: {} })).answer).toEqual(['FORBIDDEN'])
    expect((await faces.send('docs', { ...list, as: { userId: 'ann' } })).answer).toMatchObject({
      rows: [],
    })
    expect((await faces.send('docs', { ...list, as: { userId: 'ben' } })).answer).toMatchObject({
      rows: [{ id: expect.stringMatching(/1$/) }],
    }) // row 2 has no author
    await faces.gateway.close()
  })
})
