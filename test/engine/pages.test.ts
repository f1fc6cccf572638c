// Pages: for any order and size, they have every row once, in the order of one large query.
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ListInput } from '../../src/engine/request.ts'
import { encodeCursor } from '../../src/engine/cursor.ts'
import { orderDirections } from '../../src/schema/inputs/standard-inputs.ts'
import { eachDatabase } from '../support/databases.ts'
import { type PlainPage, related, select, walk, type Fixture } from './support.ts'
import { openThings, rows } from './things.ts'

const own = [
  'n',
  'word',
  'price',
  'yes',
  'grade',
  'weight',
  'at',
  'kind',
  'id',
  'groupId',
  'double',
]
const paths = [
  ...own.map((name) => [name]),
  ['group', 'name'],
  ['group', 'rank'],
  ['group', 'id'],
  ['namesake', 'id'],
  ['parts', 'count'],
  ['labels', 'count'],
  ['group', 'things', 'count'],
  ['namesake', 'things', 'count'],
]
const orderKey = fc
  .tuple(fc.constantFrom(...paths), fc.constantFrom(...orderDirections))
  .map(([path, direction]) =>
    path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), direction),
  )
const order = fc.array(orderKey, { maxLength: 3 })

type List = (list: ListInput) => Promise<PlainPage>

eachDatabase((kind, open) => {
  let fixture: Fixture
  let things: List
  beforeAll(async () => {
    fixture = await openThings(open)
    things = (list) => fixture.page('things', { list, selection: select('id') })
  })

  const law = (name: string, list: () => List, numRuns: number): void =>
    test(name, async () => {
      await fc.assert(
        fc.asyncProperty(
          order,
          fc.integer({ min: 1, max: 12 }),
          fc.boolean(),
          async (orderBy, size, backward) => {
            const whole = (await list()({ orderBy, first: 100 })).rows.map((row) => row['id'])
            expect(await walk(list(), { orderBy, size, backward })).toEqual(whole)
            expect(new Set(whole).size).toBe(whole.length)
          },
        ),
        { numRuns: kind === 'pglite' ? numRuns : numRuns * 2 },
      )
    })

  law('of a list', () => things, 30)

  law(
    'of a related list',
    () => async (list) => {
      const [group] = (
        await fixture.page('groups', {
          list: { where: { id: { eq: 2 } } },
          selection: select('id', related('things', select('id'), list)),
        })
      ).rows
      return group?.['things'] as PlainPage
    },
    15,
  )

  test('pages by offset have the same rows', async () => {
    const orderBy = [{ word: 'DESC' }]
    const whole = await things({ orderBy, first: 100 })
    const pages = await Promise.all(
      [0, 15, 30, 45].map((offset) => things({ orderBy, first: 15, offset })),
    )
    expect(pages.flatMap((page) => page.rows)).toEqual(whole.rows)
    expect(pages.map((page) => [page.hasPrevious, page.hasNext])).toEqual([
      [false, true],
      [true, true],
      [true, false],
      [true, false],
    ])
  })

  test('a page of size 0 says whether there are rows', async () => {
    expect(await things({ first: 0 })).toMatchObject({
      rows: [],
      hasNext: true,
      hasPrevious: false,
    })
    expect(await things({ first: 0, where: { OR: [] } })).toMatchObject({
      rows: [],
      hasNext: false,
    })
    expect(await things({ last: 0 })).toMatchObject({ rows: [], hasPrevious: true, hasNext: false })
  })

  test('two lists that differ only in their page size share a plan, but not their pages', async () => {
    const sizes = await Promise.all(
      [1, 5, 2].map((first) => things({ first, orderBy: [{ n: 'ASC' }] })),
    )
    expect(sizes.map((page) => page.rows.length)).toEqual([1, 5, 2])
    const groups = await Promise.all(
      [1, 3].map((first) =>
        fixture.page('groups', {
          list: { first: 2 },
          selection: select(
            'id',
            related('things', select('id'), { first }, { id: `things ${first}` }),
          ),
        }),
      ),
    )
    expect(
      groups.map((page) =>
        page.rows
          .map((row) => (row['things 1'] ?? row['things 3']) as PlainPage)
          .map((one) => one.rows.length),
      ),
    ).toEqual([
      [1, 1],
      [3, 3],
    ])
  })

  test("nulls are in PostgreSQL's place by default", async () => {
    const first = async (direction: string) =>
      (
        await fixture.page('things', {
          list: { orderBy: [{ n: direction }], first: 1 },
          selection: select('n'),
        })
      ).rows[0]?.['n']
    expect(await Promise.all(orderDirections.map(first))).toEqual([-1, null, null, -1, null, 2])
  })

  test('a total counts the rows that pass the filter, on every page', async () => {
    const kinds = rows.things.filter((thing) => thing.kind === 'p').length
    for (const list of [{ first: 3 }, { first: 0 }, { first: 2, offset: 100 }]) {
      expect(
        (
          await fixture.page('things', {
            list: { ...list, where: { kind: { eq: 'p' } } },
            total: true,
          })
        ).total,
      ).toBe(kinds)
    }
    expect(await fixture.page('things', { rows: false, total: true })).toMatchObject({
      total: 40,
      rows: [],
    })
  })

  describe('a cursor', () => {
    const cursorOf = async (list: ListInput): Promise<string> =>
      (await things({ ...list, first: 1 })).cursors[0] ?? ''
    const refused = (operation: string, list: ListInput) =>
      fixture.problem(operation, { list, selection: select('id') })

    test('belongs to its order and its resource', async () => {
      const after = await cursorOf({ orderBy: [{ n: 'ASC' }] })
      for (const orderBy of [
        undefined,
        [],
        [{ n: 'DESC' }],
        [{ word: 'ASC' }],
        [{ n: 'ASC' }, { word: 'ASC' }],
        [{ n: 'ASC_NULLS_LAST' }],
      ]) {
        expect(await refused('things', { after, orderBy })).toMatchObject({
          code: 'BAD_REQUEST',
          issues: [
            {
              in: 'page',
              path: ['after'],
              code: 'bad_cursor',
              message: expect.stringContaining('another list or order'),
            },
          ],
        })
      }
      expect(await refused('groups', { after })).toMatchObject({ code: 'BAD_REQUEST' })
      expect((await things({ orderBy: [{ n: 'ASC' }], after, first: 100 })).rows).toHaveLength(39)
    })

    test('of a list is valid in the same list as a relation', async () => {
      const where = { groupId: { eq: 2 } }
      const all = await things({ where })
      const { rows: groups } = await fixture.page('groups', {
        list: { where: { id: { eq: 2 } } },
        selection: select('id', related('things', select('id'), { after: all.cursors[1] })),
      })
      expect(groups).toMatchObject([{ things: { rows: all.rows.slice(2) } }])
    })

    test.each([
      '',
      'x',
      '????',
      'é',
      Buffer.from('[]').toString('base64url'),
      Buffer.from('{"a":1}').toString('base64url'),
      'null',
      'W10=',
    ])('%j is refused', async (after) => {
      expect(await refused('things', { after })).toMatchObject({
        code: 'BAD_REQUEST',
        issues: [{ in: 'page', path: ['after'], code: 'bad_cursor' }],
      })
      expect(await refused('things', { before: after })).toMatchObject({
        code: 'BAD_REQUEST',
        issues: [{ path: ['before'] }],
      })
    })

    test('that is not text is a fault of type', async () => {
      expect(await refused('things', { after: 5 })).toMatchObject({
        code: 'VALIDATION_FAILED',
        issues: [{ in: 'page', path: ['after'], code: 'wrong_type' }],
      })
    })

    const forged = fc.oneof(
      fc.constantFrom(
        null,
        '',
        '0',
        '-1',
        '99999999999',
        '1e5',
        '1e999999',
        '1e400',
        '1e-400',
        'NaN',
        'Infinity',
        'infinity',
        'true',
        't',
        'tx',
        ' 1',
        '1.5',
        '2026-01-01',
        '2026-02-31 00:00:00',
        '2026-01-01 25:00:00',
        '999999-01-01 00:00:00',
        '4715-01-01 00:00:00 BC',
        '2026-01-01 00:00:00',
        'low',
        'lowest',
        '\0',
        '\uD800',
        '{}',
        '[]',
        "'; drop table things --",
        '1 or 1=1',
        '9'.repeat(200),
      ),
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.integer().map(String),
      fc.double().map(String),
    )

    test('with a number that JSON does not have is refused', async () => {
      for (const [name, cells] of [
        ['thing:id ASC', ['00']],
        ['thing:id ASC', ['-01']],
        ['thing:kind ASC,id ASC', ['low', '007']],
      ] as const) {
        const orderBy = name.includes('kind') ? [{ kind: 'ASC' }] : [{ id: 'ASC' }]
        expect(
          await refused('things', { orderBy, after: encodeCursor(name, cells) }),
          cells.join(),
        ).toMatchObject({ code: 'BAD_REQUEST', issues: [{ code: 'bad_cursor' }] })
      }
    })

    test('that is forged is refused or works, but is never an error of the database', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...paths),
          forged,
          forged,
          fc.boolean(),
          async (path, value, id, backward) => {
            const orderBy = [path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), 'ASC')]
            const name = `thing:${path.join('.')} ASC${path.join('.') === 'id' ? '' : ',id ASC'}`
            const cursor = encodeCursor(name, path.join('.') === 'id' ? [value] : [value, id])
            const problem = await things({
              orderBy,
              ...(backward ? { before: cursor } : { after: cursor }),
            }).then(
              () => null,
              (error: unknown) => error,
            )
            if (problem !== null)
              expect(problem).toMatchObject({
                code: 'BAD_REQUEST',
                issues: [{ code: 'bad_cursor' }],
              })
          },
        ),
        { numRuns: kind === 'pglite' ? 150 : 300 },
      )
    })

    test('of a long text is valid', async () => {
      await fixture.sql('update things set word = repeat($1, 20000) where id = 7', 'long ')
      const orderBy = [{ word: 'DESC' }]
      const whole = (await things({ orderBy, first: 100 })).rows.map((row) => row['id'])
      expect(await walk(things, { orderBy, size: 7 })).toEqual(whole)
      await fixture.sql('update things set word = null where id = 7')
    })
  })

  test.each([
    [{ first: 101 }, ['limit'], 'too_big', 'At most 100 rows a page.'],
    [{ last: 1000 }, ['limit'], 'too_big', 'At most 100 rows a page.'],
    [{ first: -1 }, ['limit'], 'wrong_type', 'Expected a whole number from 0.'],
    [{ first: 1.5 }, ['limit'], 'wrong_type', 'Expected a whole number from 0.'],
    [{ first: '5' }, ['limit'], 'wrong_type', 'Expected a whole number from 0.'],
    [
      { first: 1, last: 1 },
      ['limit'],
      'conflict',
      'A page reads forward (first, after) or backward (last, before), not both.',
    ],
    [{ offset: 1, last: 1 }, ['offset'], 'conflict', 'An offset reads forward only.'],
    [{ offset: -1 }, ['offset'], 'wrong_type', 'Expected a whole number from 0.'],
    [{ offset: 2 ** 31 }, ['offset'], 'wrong_type', 'Expected a whole number from 0.'],
  ])('a page of %j is refused', async (list, path, code, message) => {
    expect(await fixture.problem('things', { list })).toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ in: 'page', path, code, message }],
    })
    const nested = await fixture.problem('groups', {
      selection: select('id', related('things', select('id'), list)),
    })
    expect(nested).toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ in: 'page', path: ['things', ...path], code, message }],
    })
  })

  test('an offset together with a cursor is refused', async () => {
    const after = (await things({ first: 1 })).cursors[0]
    expect(await fixture.problem('things', { list: { after, offset: 1 } })).toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [
        {
          in: 'page',
          path: ['offset'],
          code: 'conflict',
          message: 'An offset does not go with a cursor.',
        },
      ],
    })
  })
})
