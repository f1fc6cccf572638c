// Plans: one statement for a read of any depth, with the selected columns only, without values in its text, shared by equal fingerprints.
import fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openEngine } from '../../../src/engine/engine.ts'
import { execute } from '../../../src/engine/execute.ts'
import type { ListInput, Selection } from '../../../src/engine/request.ts'
import { anonymous } from '../../../src/schema/declare/caller.ts'
import { fillPeople, peopleDeclaration, tables as peopleTables } from '../../engine/people.ts'
import { openFixture, related, select, signedIn, type Fixture } from '../../engine/support.ts'
import { openThings } from '../../engine/things.ts'
import { onDatabase } from '../../support/databases.ts'

onDatabase('pglite', (open) => {
  let fixture: Fixture
  beforeAll(async () => {
    fixture = await openThings(open)
  })
  beforeEach(() => {
    fixture.statements.length = 0
  })

  const deep = (list: ListInput = {}): Selection =>
    select(
      'id',
      related(
        'group',
        select(
          'name',
          related(
            'things',
            select(
              'id',
              related(
                'parts',
                select('n', related('thing', select('id', related('labels', select('word'))))),
                list,
              ),
            ),
            list,
          ),
        ),
      ),
      related('parts', select('line'), list, { total: true }),
      related('labels', select('word', related('things', select('id'), list))),
      related('namesake', select('word')),
    )

  test.each([
    ['a row', () => fixture.row('thing', { key: { id: 3 } })],
    [
      'a row, five relations deep',
      () => fixture.row('thing', { key: { id: 3 }, selection: deep() }),
    ],
    ['a page', () => fixture.page('things', {})],
    [
      'a page, five relations deep, filtered, ordered and with totals',
      () =>
        fixture.page('things', {
          selection: deep({ first: 2, where: { NOT: { n: { eq: 1 } } }, orderBy: [{ n: 'DESC' }] }),
          total: true,
          list: {
            where: { parts: { some: { thing: { labels: { every: { word: { ne: 'a' } } } } } } },
            orderBy: [{ group: { name: 'DESC' } }, { namesake: { word: 'ASC' } }],
          },
        }),
    ],
    ['a total alone', () => fixture.page('things', { rows: false, total: true })],
    [
      'the same list twice under two names',
      () =>
        fixture.page('groups', {
          selection: select(
            'id',
            related('things', select('id'), { first: 1 }, { id: 'a' }),
            related('things', select('n'), { first: 2 }, { id: 'b' }),
          ),
        }),
    ],
  ])('%s is one statement', async (_, read) => {
    await read()
    expect(fixture.statements).toHaveLength(1)
  })

  describe('a plan reads the selected columns', () => {
    const columns = [
      'n',
      'word',
      'price',
      'yes',
      'grade',
      'weight',
      'at',
      'marks',
      'kind',
      'group_id',
    ]
    const read = (table = 't0') =>
      columns.filter((column) => fixture.statements[0]?.text.includes(`"${table}"."${column}"`))

    test.each([
      [select('id'), []],
      [select('word'), ['word']],
      [select('price', 'at'), ['price', 'at']],
      [select('double'), ['n']],
      [select('id', related('group', select('name'))), ['group_id']],
      [select(), columns],
    ])('%j', async (selection, expected) => {
      await fixture.row('thing', { key: { id: 1 }, selection: selection })
      expect(read()).toEqual(expected)
    })

    test('a plan reads the columns of the order, for cursors', async () => {
      await fixture.page('things', { selection: select('word'), list: { orderBy: [{ n: 'ASC' }] } })
      expect(read()).toEqual(['n', 'word'])
      expect(fixture.statements[0]?.text).toMatch(
        /^select "t0"\."id", "t0"\."word", "t0"\."n" from/,
      )
    })
  })

  test('no value is in the text of any plan', async () => {
    const secret = 'Xq7'
    const marked = fc.constantFrom(secret, `${secret}' or true --`, `"${secret}`, `${secret}%_\\`)
    const filters = fc.array(
      fc.oneof(
        marked.map((word) => ({ word: { contains: word } })),
        marked.map((word) => ({ marks: { hasSome: [word, 'a'] } })),
        marked.map((word) => ({ kind: { in: [word] } })),
        fc.constant({ n: { eq: 987_654 } }),
        fc.constant({ price: { notIn: ['987654.5'] } }),
        marked.map((word) => ({ labels: { none: { word: { iContains: word } } } })),
      ),
      { minLength: 1, maxLength: 4 },
    )
    await fc.assert(
      fc.asyncProperty(filters, fc.integer({ min: 0, max: 50 }), async (OR, offset) => {
        fixture.statements.length = 0
        await fixture.page('things', {
          list: { where: { OR }, first: 97, offset },
          selection: select(
            'id',
            related('parts', select('n'), { where: { word: { eq: secret } }, first: 89 }),
          ),
        })
        expect(fixture.statements[0]?.text).not.toMatch(/Xq7|987654|\b97\b|\b98\b|\b89\b|\b90\b/)
        expect(JSON.stringify(fixture.statements[0]?.values)).toContain(secret)
      }),
      { numRuns: 60 },
    )
  })

  test('requests with the same fingerprint share a plan, others do not', async () => {
    const plansFor = async (...lists: ListInput[]): Promise<number> => {
      const before = fixture.engine.plans.size
      for (const list of lists)
        await fixture.page('things', { list, selection: select('id', 'kind') })
      return fixture.engine.plans.size - before
    }
    const { cursors } = await fixture.page('things', { selection: select('id', 'kind') })
    expect(
      await plansFor(
        { where: { n: { in: [1] } }, first: 3 },
        { where: { n: { in: [1, 2, 3] } }, first: 5 },
        { where: { n: { in: [] } } },
      ),
    ).toBe(1)
    expect(await plansFor({ after: cursors[0] }, { after: cursors[5] })).toBe(1)
    expect(
      await plansFor({ orderBy: [{ n: 'DESC' }] }, { orderBy: [{ n: 'DESC_NULLS_FIRST' }] }),
    ).toBe(1)
    expect(
      await plansFor({ where: { yes: { isNull: true } } }, { where: { yes: { isNull: false } } }),
    ).toBe(2)
    expect(
      await plansFor(
        { where: { n: { eq: 1 } } },
        { where: { n: { ne: 1 } } },
        { where: { id: { eq: 1 } } },
        { orderBy: [{ n: 'ASC' }] },
      ),
    ).toBe(4)
  })

  test('aliases that share a plan keep their own names in the answer', async () => {
    const asked = (id: string, first: number) =>
      fixture.row('group', {
        key: { id: 2 },
        selection: select('id', related('things', select('id'), { first }, { id })),
      })
    const [one, two] = [await asked('one', 1), await asked('two', 2)]
    expect(one).toMatchObject({ one: { rows: [{ id: expect.any(Number) }], hasNext: true } })
    expect(two?.['two']).toMatchObject({ rows: [{}, {}], hasNext: true })
    const spelled = async (direction: string) =>
      (
        await fixture.page('things', {
          list: { orderBy: [{ n: direction }], first: 1 },
          selection: select('id'),
        })
      ).cursors[0]
    const cursor = await spelled('DESC_NULLS_FIRST')
    await spelled('DESC')
    expect(
      (
        await fixture.page('things', {
          list: { orderBy: [{ n: 'DESC_NULLS_FIRST' }], after: cursor, first: 1 },
          selection: select('id'),
        })
      ).rows,
    ).toHaveLength(1)
  })

  test("thousands of fingerprints stay within the cache's bound and get the right answers", async () => {
    const engine = openEngine({
      model: fixture.model,
      database: fixture.database,
      cacheBytes: 100_000,
    })
    const operation = fixture.model.operations.find((one) => one.name === 'thing')
    if (operation === undefined) throw new Error('There is an operation thing.')
    const fields = [
      'id',
      'n',
      'word',
      'price',
      'yes',
      'grade',
      'weight',
      'at',
      'kind',
      'groupId',
      'double',
    ]
    for (let mask = 1; mask < 1500; mask += 1) {
      const chosen = fields.filter((_, i) => ((mask >> i) & 1) === 1)
      const result = await execute(engine, {
        operation,
        input: { key: { id: 3 } },
        selection: select(...chosen),
        caller: anonymous,
        denied: 'omit',
      })
      expect(result.type === 'row' && result.layout.fields.map(({ field }) => field.name)).toEqual(
        chosen,
      )
    }
    expect(engine.cacheBudget.bytes).toBeLessThanOrEqual(100_000)
    expect(engine.plans.size).toBeLessThan(100)
  })
})

onDatabase('postgres', (open) => {
  test('callers with different policies never share a plan, and callers who share one see their own rows', async () => {
    const fixture = await openFixture(open, peopleTables, peopleDeclaration)
    await fillPeople(fixture)
    const before = fixture.engine.plans.size
    const namesFor = async (...claims: Parameters<typeof signedIn>) =>
      (
        await fixture.page('people', {
          selection: select('name', 'diary'),
          caller: signedIn(...claims),
        })
      ).rows.map((row) => [row['name'], row['diary']])
    expect(await namesFor({ user: 'ann' })).toEqual([
      ['Ann', "ann's diary"],
      ['Cid', null],
      ['Dan', null],
      ['Eve', null],
    ])
    expect(await namesFor({ user: 'ben' })).toEqual([
      ['Ann', null],
      ['Ben', "ben's diary"],
      ['Cid', null],
      ['Dan', null],
      ['Eve', null],
    ])
    expect(fixture.engine.plans.size - before).toBe(1)
    expect(await namesFor({}, 'staff')).toEqual(
      ['Ann', 'Ben', 'Cid', 'Dan', 'Eve'].map((name) => [name, undefined]),
    )
    expect(fixture.engine.plans.size - before).toBe(2)
    expect(fixture.statements.every(({ text }) => !/ann|ben/.test(text))).toBe(true)
  })
})
