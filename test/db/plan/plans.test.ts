// Plans: one statement for a read however deep, of exactly the columns asked for, with no value in its text, shared by equal shapes.
import fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openEngine } from '../../../src/engine/engine.ts'
import { execute } from '../../../src/engine/execute.ts'
import type { ListInput, Selection } from '../../../src/engine/request.ts'
import { anonymous } from '../../../src/schema/declare/caller.ts'
import { fillGuarded, guarded, tables as guardedTables } from '../../engine/guarded.ts'
import { openWorld, related, see, signedIn, type World } from '../../engine/support.ts'
import { openThings } from '../../engine/things.ts'
import { onDatabase } from '../../support/databases.ts'

onDatabase('pglite', (open) => {
  let world: World
  beforeAll(async () => {
    world = await openThings(open)
  })
  beforeEach(() => {
    world.statements.length = 0
  })

  const deep = (list: ListInput = {}): Selection =>
    see(
      'id',
      related(
        'group',
        see(
          'name',
          related(
            'things',
            see(
              'id',
              related(
                'parts',
                see('n', related('thing', see('id', related('labels', see('word'))))),
                list,
              ),
            ),
            list,
          ),
        ),
      ),
      related('parts', see('line'), list, { total: true }),
      related('labels', see('word', related('things', see('id'), list))),
      related('namesake', see('word')),
    )

  test.each([
    ['a row', () => world.row('thing', { key: { id: 3 } })],
    ['a row, five relations deep', () => world.row('thing', { key: { id: 3 }, see: deep() })],
    ['a page', () => world.page('things', {})],
    [
      'a page, five relations deep, filtered, ordered and with totals',
      () =>
        world.page('things', {
          see: deep({ first: 2, where: { NOT: { n: { eq: 1 } } }, orderBy: [{ n: 'DESC' }] }),
          total: true,
          list: {
            where: { parts: { some: { thing: { labels: { every: { word: { ne: 'a' } } } } } } },
            orderBy: [{ group: { name: 'DESC' } }, { namesake: { word: 'ASC' } }],
          },
        }),
    ],
    ['a total alone', () => world.page('things', { rows: false, total: true })],
    [
      'the same list twice under two names',
      () =>
        world.page('groups', {
          see: see(
            'id',
            related('things', see('id'), { first: 1 }, { id: 'a' }),
            related('things', see('n'), { first: 2 }, { id: 'b' }),
          ),
        }),
    ],
  ])('%s is one statement', async (_, read) => {
    await read()
    expect(world.statements).toHaveLength(1)
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
      columns.filter((column) => world.statements[0]?.text.includes(`"${table}"."${column}"`))

    test.each([
      [see('id'), []],
      [see('word'), ['word']],
      [see('price', 'at'), ['price', 'at']],
      [see('double'), ['n']],
      [see('id', related('group', see('name'))), ['group_id']],
      [see(), columns],
    ])('%j', async (selection, expected) => {
      await world.row('thing', { key: { id: 1 }, see: selection })
      expect(read()).toEqual(expected)
    })

    test('a plan reads the columns of the order, for cursors', async () => {
      await world.page('things', { see: see('word'), list: { orderBy: [{ n: 'ASC' }] } })
      expect(read()).toEqual(['n', 'word'])
      expect(world.statements[0]?.text).toMatch(/^select "t0"\."id", "t0"\."word", "t0"\."n" from/)
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
        world.statements.length = 0
        await world.page('things', {
          list: { where: { OR }, first: 97, offset },
          see: see(
            'id',
            related('parts', see('n'), { where: { word: { eq: secret } }, first: 89 }),
          ),
        })
        expect(world.statements[0]?.text).not.toMatch(/Xq7|987654|\b97\b|\b98\b|\b89\b|\b90\b/)
        expect(JSON.stringify(world.statements[0]?.values)).toContain(secret)
      }),
      { numRuns: 60 },
    )
  })

  test('requests with the same fingerprint share a plan, others do not', async () => {
    const plansFor = async (...lists: ListInput[]): Promise<number> => {
      const before = world.engine.plans.size
      for (const list of lists) await world.page('things', { list, see: see('id', 'kind') })
      return world.engine.plans.size - before
    }
    const { cursors } = await world.page('things', { see: see('id', 'kind') })
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
      world.row('group', {
        key: { id: 2 },
        see: see('id', related('things', see('id'), { first }, { id })),
      })
    const [one, two] = [await asked('one', 1), await asked('two', 2)]
    expect(one).toMatchObject({ one: { rows: [{ id: expect.any(Number) }], hasNext: true } })
    expect(two?.['two']).toMatchObject({ rows: [{}, {}], hasNext: true })
    const spelled = async (direction: string) =>
      (
        await world.page('things', {
          list: { orderBy: [{ n: direction }], first: 1 },
          see: see('id'),
        })
      ).cursors[0]
    const cursor = await spelled('DESC_NULLS_FIRST')
    await spelled('DESC')
    expect(
      (
        await world.page('things', {
          list: { orderBy: [{ n: 'DESC_NULLS_FIRST' }], after: cursor, first: 1 },
          see: see('id'),
        })
      ).rows,
    ).toHaveLength(1)
  })

  test("thousands of fingerprints stay within the cache's bound and get the right answers", async () => {
    const engine = openEngine({
      model: world.model,
      database: world.database,
      planCache: { plans: 20, bytes: 1_000_000 },
    })
    const operation = world.model.operations.find((one) => one.name === 'thing')
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
        selection: see(...chosen),
        caller: anonymous,
        denied: 'omit',
      })
      expect(result.type === 'row' && result.layout.fields.map(({ field }) => field.name)).toEqual(
        chosen,
      )
    }
    expect(engine.plans.size).toBeLessThanOrEqual(20)
  })
})

onDatabase('postgres', (open) => {
  test('callers with different policies never share a plan, and callers who share one see their own rows', async () => {
    const world = await openWorld(open, guardedTables, guarded)
    await fillGuarded(world)
    const before = world.engine.plans.size
    const namesFor = async (...claims: Parameters<typeof signedIn>) =>
      (
        await world.page('people', { see: see('name', 'diary'), caller: signedIn(...claims) })
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
    expect(world.engine.plans.size - before).toBe(1)
    expect(await namesFor({}, 'staff')).toEqual(
      ['Ann', 'Ben', 'Cid', 'Dan', 'Eve'].map((name) => [name, undefined]),
    )
    expect(world.engine.plans.size - before).toBe(2)
    expect(world.statements.every(({ text }) => !/ann|ben/.test(text))).toBe(true)
  })
})
