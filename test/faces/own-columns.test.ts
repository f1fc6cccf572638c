// Owner columns: filled in where the policy allows one value, and refused at their path for another.
import { defineRelations } from 'drizzle-orm'
import { bigint, boolean, integer, numeric, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { buildModel } from '../../src/schema/build/build-model.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { gateway } from '../../src/server/gateway.ts'
import { printGraphql } from '../../src/graphql/schema/build-schema.ts'
import { createTables } from '../engine/support.ts'
import { eachDatabase } from '../support/databases.ts'
import { openapiOf } from '../support/openapi.ts'
import { type Faces, type FacesRequest, openFaces } from './support.ts'

const id = () => integer().primaryKey().generatedAlwaysAsIdentity()
const people = pgTable('people', { id: uuid().primaryKey() })
const notes = pgTable('notes', {
  id: id(),
  owner: uuid()
    .notNull()
    .references(() => people.id),
  body: text().notNull().default(''),
})
const letters = pgTable('letters', {
  id: id(),
  from: text().notNull(),
  to: text().notNull(),
  open: boolean().notNull().default(false),
})
const rooms = pgTable('rooms', {
  id: id(),
  tenant: bigint({ mode: 'bigint' }).notNull(),
  name: text().notNull(),
})
const marks = pgTable('marks', {
  id: id(),
  owner: uuid(),
  tenant: bigint({ mode: 'bigint' }).notNull(),
  amount: numeric().notNull().default('1'),
})
const profiles = pgTable('profiles', {
  person: uuid().primaryKey().defaultRandom(),
  open: boolean().notNull().default(true),
})
const tables = { people, notes, letters, rooms, marks, profiles }
const relations = defineRelations(tables)
const claims = z
  .object({
    person: z.uuid(),
    name: z.string(),
    other: z.string(),
    tenant: z.union([z.string(), z.number()]),
    amount: z.string(),
  })
  .partial()
const { resource, access } = declare({ relations, caller: claims })
const { everyone, owner, any, all, not, role } = access
const staff = role('staff')
const read = everyone
const mine = owner('owner', 'person')
const declaration = gateway({
  name: 'Own',
  relations,
  resources: {
    person: resource('people', { access: { read: any(staff, owner('id', 'person')) } }),
    note: resource('notes', { access: { read, create: any(mine, staff), update: mine } }),
    letter: resource('letters', {
      access: {
        read,
        create: any(
          all(owner('from', 'name'), any(owner('to', 'other'), { open: { eq: true } })),
          staff,
        ),
      },
    }),
    room: resource('rooms', {
      access: { read, create: all(owner('tenant', 'tenant'), not({ name: { eq: 'x' } })) },
      fields: { tenant: { hidden: true } },
    }),
    mark: resource('marks', {
      access: {
        read,
        create: all(
          mine,
          ({ claims: { name } }) =>
            name === undefined ? true : name === 'no' ? false : { owner: { isNull: false } },
          owner('tenant', 'tenant'),
          any(owner('amount', 'amount'), not({ amount: { isNull: true } })),
        ),
      },
      fields: { tenant: { write: access.nobody } },
    }),
    profile: resource('profiles', { access: { read, create: owner('person', 'person') } }),
  },
})

const ann = 'aaaaaaaa-0000-4000-8000-000000000001'
const bob = 'bbbbbbbb-0000-4000-8000-000000000002'

eachDatabase((_kind, open) => {
  let faces: Faces
  beforeAll(async () => {
    const database = await open({ relations })
    await createTables(database, tables)
    await database.query({ text: 'insert into people values ($1), ($2)', values: [ann, bob] })
    faces = await openFaces(declaration, database)
  })
  afterAll(() => faces.gateway.close())
  const answerOf = async (
    operation: string,
    as: FacesRequest['as'],
    input: unknown,
    ...fields: string[]
  ) => (await faces.send(operation, { ...(as === undefined ? {} : { as }), input, fields })).answer

  test('an absent column is filled in with the claim of each caller', async () => {
    for (const person of [ann, bob, ann])
      expect(await answerOf('createNote', { person }, { body: 'x' }, 'owner', 'body')).toEqual({
        owner: person,
        body: 'x',
      })
    expect(await answerOf('createNote', { person: bob }, {}, 'owner')).toEqual({ owner: bob })
  })

  test('a create with a known fingerprint binds the claim of its own caller', async () => {
    const { app, database, engine } = faces.gateway
    const create = (person: string) =>
      app.inject({
        method: 'POST',
        url: '/api/profiles',
        headers: faces.headers({ person }),
        payload: { open: false },
      })
    expect((await create(ann)).json()).toEqual({ person: ann, open: false })
    const { size } = engine.prepared
    expect((await create(bob)).json()).toEqual({ person: bob, open: false })
    expect((await create(ann)).json()).toMatchObject({
      code: 'CONFLICT',
      issues: [{ path: ['person'], code: 'not_unique' }],
    })
    expect([engine.prepared.size, size > 0]).toEqual([size, true])
    await database.query({ text: 'delete from profiles', values: [] })
  })

  test('another value is refused at its path', async () => {
    expect(
      await answerOf('createNote', { person: ann }, { owner: ann.toUpperCase() }, 'owner'),
    ).toEqual({ owner: ann })
    expect(await answerOf('createNote', { person: ann }, { owner: bob }, 'owner')).toEqual([
      'FORBIDDEN',
      'input owner forbidden: You may not use another owner than your own.',
    ])
  })

  test('a caller who may create for others must give the column, with a claim or without', async () => {
    const required = ['VALIDATION_FAILED', 'input owner required: This is required.']
    for (const as of [{ roles: ['staff'] }, { roles: ['staff'], person: ann }]) {
      expect(await answerOf('createNote', as, { body: 'x' }, 'owner')).toEqual(required)
      expect(await answerOf('createNote', as, { body: 'x', owner: bob }, 'owner')).toEqual({
        owner: bob,
      })
      expect(await answerOf('createNote', as, { owner: null }, 'owner')).toEqual([
        'VALIDATION_FAILED',
        'input owner wrong_type: Expected a UUID.',
      ])
    }
  })

  test('a caller who may not create gets that error first', async () => {
    expect(await answerOf('createNote', undefined, {}, 'owner')).toEqual(['UNAUTHENTICATED'])
    expect(await answerOf('createNote', {}, {}, 'owner')).toEqual(['FORBIDDEN'])
  })

  test('a filled-in foreign key is checked like a given one', async () => {
    const nobody = 'cccccccc-0000-4000-8000-000000000003'
    expect(await answerOf('createNote', { person: nobody }, {}, 'owner')).toEqual([
      'CONFLICT',
      'input owner no_such_row: There is no such row.',
    ])
  })

  test('all fills in what one part does, any what each alternative does', async () => {
    expect(
      await answerOf('createLetter', { name: 'ann', other: 'bob' }, { to: 'bob' }, 'from', 'to'),
    ).toEqual({ from: 'ann', to: 'bob' })
    expect(await answerOf('createLetter', { name: 'ann', other: 'bob' }, {}, 'from')).toEqual([
      'VALIDATION_FAILED',
      'input to required: This is required.',
    ])
    expect(
      await answerOf('createLetter', { name: 'ann' }, { to: 'carl', open: true }, 'from', 'to'),
    ).toEqual({ from: 'ann', to: 'carl' })
    expect(await answerOf('createLetter', { name: 'ann' }, { to: 'carl' }, 'from')).toEqual([
      'FORBIDDEN',
    ])
    expect(
      await answerOf(
        'createLetter',
        { name: 'ann' },
        { from: 'bob', to: 'carl', open: true },
        'from',
      ),
    ).toEqual(['FORBIDDEN', 'input from forbidden: You may not use another from than your own.'])
  })

  test('a column that no caller may read or write is filled in too, for every form of the claim in a token', async () => {
    const { app, database } = faces.gateway
    for (const tenant of ['7', 7, '9007199254740993']) {
      await app.inject({
        method: 'POST',
        url: '/api/rooms',
        headers: faces.headers({ tenant }),
        payload: { name: 'a' },
      })
      await app.inject({
        method: 'POST',
        url: '/graphql',
        headers: faces.headers({ tenant }),
        payload: { query: 'mutation { createRoom(input: { name: "a" }) { id } }' },
      })
      expect(
        (await database.query({ text: 'delete from rooms returning tenant', values: [] })).rows,
      ).toEqual([[String(tenant)], [String(tenant)]])
    }
    expect(await answerOf('createRoom', { tenant: 7 }, { name: 'x' }, 'name')).toEqual([
      'FORBIDDEN',
    ])
    expect(await answerOf('createRoom', { tenant: 'seven' }, { name: 'a' }, 'name')).toEqual([
      'FORBIDDEN',
    ])
    expect(
      await answerOf('createRoom', { tenant: 7 }, { name: 'a', tenant: '7' }, 'name'),
    ).toMatchObject(['VALIDATION_FAILED', expect.stringContaining('input tenant unknown_member')])
  })

  test('a nullable column and a closed column are filled in, and functions are not looked into', async () => {
    const as = { person: ann, tenant: '3' }
    for (const more of [{}, { name: 'yes' }, { amount: '1.0' }])
      expect(
        await answerOf('createMark', { ...as, ...more }, {}, 'owner', 'tenant', 'amount'),
      ).toEqual({ owner: ann, tenant: '3', amount: '1' })
    expect(await answerOf('createMark', { ...as, name: 'no' }, {}, 'owner')).toEqual(['FORBIDDEN'])
    expect(await answerOf('createMark', as, { owner: null }, 'owner')).toEqual([
      'FORBIDDEN',
      'input owner forbidden: You may not use another owner than your own.',
    ])
  })

  test("a primary key that is the caller's claim is filled in before its default", async () => {
    expect(await answerOf('createProfile', { person: bob }, {}, 'person', 'open')).toEqual({
      person: bob,
      open: true,
    })
  })
})

describe('the documents', () => {
  const model = buildModel(declaration)

  test('make columns that can be filled in optional, and describe it', () => {
    const {
      components: { schemas },
    } = openapiOf(model)
    const about = 'Absent: filled in with your own, where you may create no other.'
    expect(schemas.NoteCreate.required).toBeUndefined()
    expect(schemas.NoteCreate.properties.owner.description).toBe(about)
    expect(schemas.NoteUpdate.properties.owner.description).toBeUndefined()
    expect(schemas.LetterCreate.required).toEqual(['to']) // an alternative is open to every caller who may create
    expect(schemas.RoomCreate.properties).not.toHaveProperty('tenant')
    const document = printGraphql({ model })
    expect(document).toContain(
      `input NoteCreate {\n  body: String\n\n  """${about}"""\n  owner: UUID\n}`,
    )
  })

  test('have no note that a create is impossible', () => {
    expect(model.notes).toEqual([])
  })
})
