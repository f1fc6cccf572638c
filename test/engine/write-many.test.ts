// Several creates at once: in order, all or none, by one statement, with each fault at its row.
import { defineRelations, sql } from 'drizzle-orm'
import { type AnyPgColumn, check, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { declare } from '../../src/schema/declare/declare.ts'
import { eachDatabase } from '../support/databases.ts'
import {
  ann,
  boss,
  fillPeople,
  peopleDeclaration,
  nobody,
  tables as peopleTables,
} from './people.ts'
import { openFixture, related, select, type Fixture } from './support.ts'

let made = 0
const twigs = pgTable(
  'twigs',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    name: text().notNull().unique(),
    size: integer().notNull().default(7),
    tag: text().$defaultFn(() => `tag-${(made += 1)}`),
    parentId: integer('parent_id').references((): AnyPgColumn => twigs.id),
  },
  (table) => [check('small', sql`${table.size} < 100`)],
)
const blanks = pgTable('blanks', {
  id: integer().primaryKey().generatedByDefaultAsIdentity(),
  note: text(),
})
const tables = { twigs, blanks }
const relations = defineRelations(tables, (r) => ({
  twigs: { parent: r.one.twigs({ from: r.twigs.parentId, to: r.twigs.id }) },
}))
const { resource, access } = declare({ relations })
const everyone = access.everyone
const declaration = {
  name: 'Twigs',
  relations,
  resources: {
    twig: resource('twigs', {
      access: {
        read: access.any({ size: { ne: 13 } }, access.role('staff')),
        create: { size: { ne: 66 } },
      },
      fields: { id: { settable: true } },
      page: { max: 5 },
    }),
    blank: resource('blanks', {
      access: { read: everyone, create: everyone },
      page: { max: 10_000 },
    }),
  },
}

eachDatabase((_kind, open) => {
  describe('rows', () => {
    let fixture: Fixture
    beforeAll(async () => {
      fixture = await openFixture(open, tables, declaration)
    })
    beforeEach(async () => {
      await fixture.sql('delete from twigs')
      await fixture.sql(
        `insert into twigs (id, name, size) values (100, 'there', 1), (101, 'hidden', 13)`,
      )
    })
    const create = (input: unknown, selection = select('name', 'size')) =>
      fixture.value('createTwigs', { input, selection: selection })
    const stored = async () =>
      (await fixture.sql('select count(*) from twigs where id not in (100, 101)'))[0]?.[0]

    test('are answered in their order, with defaults for members that only other rows name', async () => {
      made = 0
      const rows = [
        { id: 3, name: 'c', size: 1 },
        { id: 1, name: 'a' },
        { id: 2, name: 'b', parentId: 100, tag: null },
      ]
      expect(await create(rows, select('id', 'name', 'size', 'tag'))).toEqual([
        { id: 3, name: 'c', size: 1, tag: 'tag-1' },
        { id: 1, name: 'a', size: 7, tag: 'tag-2' },
        { id: 2, name: 'b', size: 7, tag: null },
      ])
    })

    test('may refer to each other, and to themselves', async () => {
      const seen = { ...select('id'), relations: [related('parent', select('name'))] }
      expect(
        await create(
          [
            { id: 1, name: 'a', parentId: 2 },
            { id: 2, name: 'b', parentId: 2 },
          ],
          seen,
        ),
      ).toEqual([
        { id: 1, parent: { name: 'b' } },
        { id: 2, parent: { name: 'b' } },
      ])
    })

    test('that their writer may not read are written, and answered null', async () => {
      expect(
        await create([
          { name: 'a', size: 13 },
          { name: 'b', size: 2 },
        ]),
      ).toEqual([null, { name: 'b', size: 2 }])
      expect(await stored()).toBe('2')
    })

    test('of an empty list are refused', async () => {
      expect(await create([])).toEqual([])
    })

    test.each([
      [
        'too many',
        Array.from({ length: 6 }, (_, i) => ({ name: `n${i}` })),
        'VALIDATION_FAILED',
        [[[], 'too_big']],
      ],
      ['an input that is not a list', { name: 'a' }, 'VALIDATION_FAILED', [[[], 'wrong_type']]],
      [
        'a row that is not an object',
        [{ name: 'a' }, 5],
        'VALIDATION_FAILED',
        [[[1], 'wrong_type']],
      ],
      [
        'an unknown and a missing member',
        [{ name: 'a' }, { size: 3 }, { name: 'b', colour: 1 }],
        'VALIDATION_FAILED',
        [
          [[1, 'name'], 'required'],
          [[2, 'colour'], 'unknown_member'],
        ],
      ],
      [
        'a unique value of another stored row',
        [{ name: 'a' }, { name: 'b' }, { name: 'there' }],
        'CONFLICT',
        [[[2, 'name'], 'not_unique']],
      ],
      [
        'a unique value of a hidden row',
        [{ name: 'hidden' }],
        'CONFLICT',
        [[[0, 'name'], 'not_unique']],
      ],
      [
        'a unique value of another new row',
        [{ name: 'a' }, { name: 'b' }, { name: 'a' }],
        'CONFLICT',
        [[[2, 'name'], 'not_unique']],
      ],
      [
        'a broken check',
        [{ name: 'a' }, { name: 'b', size: 200 }],
        'VALIDATION_FAILED',
        [[[1, 'size'], 'check']],
      ],
      [
        'a foreign key to no row',
        [{ name: 'a' }, { name: 'b', parentId: 999 }],
        'CONFLICT',
        [[[1, 'parentId'], 'no_such_row']],
      ],
      [
        'a key to a hidden row',
        [{ name: 'a' }, { name: 'b', parentId: 101 }],
        'CONFLICT',
        [[[1, 'parentId'], 'no_such_row']],
      ],
      [
        'the first of several',
        [{ name: 'a', parentId: 101 }, { name: 'there' }],
        'CONFLICT',
        [[[0, 'parentId'], 'no_such_row']],
      ],
    ])('%s: refused as a whole, at its row', async (_, input, code, issues) => {
      const problem = await fixture.problem('createTwigs', { input })
      expect([problem.code, problem.issues.map(({ path, code: what }) => [path, what])]).toEqual([
        code,
        issues,
      ])
      expect(await stored()).toBe('0')
    })

    test('are checked by the policy one by one', async () => {
      const problem = await fixture.problem('createTwigs', {
        input: [{ name: 'a' }, { name: 'b', size: 66 }],
      })
      expect(problem).toMatchObject({
        code: 'UNAUTHENTICATED',
        issues: [
          {
            in: 'input',
            path: [1],
            code: 'unauthenticated',
            message: 'This Twig would become one that you may not write.',
          },
        ],
      })
      expect(await stored()).toBe('0')
    })

    test('are one statement, for any number of columns', async () => {
      const before = fixture.engine.plans.size
      await create([{ name: 'a' }, { name: 'b', size: 3 }, { id: 9, name: 'c' }])
      expect(
        await fixture.sql('select count(distinct cmin::text), count(*) from twigs where id < 100'),
      ).toEqual([['1', '3']]) // cmin counts the statements of a transaction
      expect(fixture.engine.plans.size - before).toBe(2) // the check of the rows and the read; the insert's plan is not cached
    })

    test('may need as many parameters as PostgreSQL allows, and may have no values', async () => {
      const notes = Array.from({ length: 10_000 }, (_, i) =>
        i % 3 === 0 ? {} : { note: `note ${i}` },
      )
      const written = await fixture.value('createBlanks', {
        input: notes,
        selection: select('note'),
      })
      expect(written).toEqual(notes.map(({ note = null }) => ({ note })))
      expect(
        await fixture.value('createBlanks', { input: [{}, {}], selection: select('note') }),
      ).toEqual([{ note: null }, { note: null }])
    })
  })

  describe('in the schema with policies', () => {
    let fixture: Fixture
    beforeAll(async () => {
      fixture = await openFixture(open, peopleTables, peopleDeclaration)
    })
    beforeEach(() => fillPeople(fixture))
    const person = (id: number, more: object = {}) => ({
      id,
      name: `No. ${id}`,
      email: `${id}@x`,
      user: 'ann',
      ...more,
    })

    test('policies of the resource and of fields hold for each row', async () => {
      expect(
        await fixture.value('createPeople', {
          input: [person(10), person(11, { user: undefined })],
          caller: ann,
          selection: select('id', 'user'),
        }),
      ).toEqual([
        { id: 10, user: 'ann' },
        { id: 11, user: 'ann' },
      ])
      const refused = async (input: unknown, caller = ann) => {
        const { code, issues } = await fixture.problem('createPeople', {
          input,
          caller,
          selection: select('id'),
        })
        return [code, ...issues.map(({ path }) => path.join('.'))]
      }
      expect(await refused([person(12), person(13, { user: 'ben' })])).toEqual([
        'FORBIDDEN',
        '1.user',
      ])
      expect(await refused([person(12), person(13, { locked: true })])).toEqual([
        'FORBIDDEN',
        '1.locked',
      ])
      expect(await refused([person(12), person(13, { teamId: 2 })])).toEqual([
        'CONFLICT',
        '1.teamId',
      ])
      expect(await refused([person(12, { email: 'ben@x', user: 'ben' })])).toEqual([
        'FORBIDDEN',
        '0.user',
      ]) // not that there is such an address
      expect(await refused([person(12, { salary: '-1' })])).toEqual([
        'VALIDATION_FAILED',
        '0.salary',
      ])
      expect(await refused([person(12)], nobody)).toEqual(['FORBIDDEN'])
      expect(await fixture.sql('select count(*) from people where id > 11')).toEqual([['0']])
    })

    test('rows that no caller may read are not revealed', async () => {
      expect(
        await fixture.value('createLetters', {
          input: [
            { id: 1, body: 'a' },
            { id: 2, body: 'b' },
          ],
          selection: null,
        }),
      ).toBeNull()
      expect(
        await fixture.value('createPeople', {
          input: [person(20, { teamId: 2 })],
          caller: boss,
          selection: select('id'),
        }),
      ).toEqual([{ id: 20 }])
    })
  })
})
