// Vectors: read and written with their digits, and rows ordered by distance with exact cursors.
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ListInput } from '../../src/engine/request.ts'
import { vectorMetrics } from '../../src/schema/model/nearest.ts'
import { withExtension } from '../support/extensions.ts'
import {
  openFixture,
  type PlainPage,
  related,
  select,
  signedIn,
  walk,
  type Fixture,
} from './support.ts'
import { gallery, pictureRows, vectorStatements, vectorTables } from './vectors.ts'

const idsOf = (page: PlainPage): readonly unknown[] => page.rows.map((row) => row['id'])
/** The 32 bits that numbers stand for, with one zero. */
const bitsOf = (numbers: unknown): readonly number[] =>
  (numbers as readonly number[]).map((value) => Math.fround(value) + 0) // a vector's value
const staff = signedIn({}, 'staff')
const operators = { L2: '<->', COSINE: '<=>', INNER_PRODUCT: '<#>' } as const

await withExtension('vector', (open) => {
  let fixture: Fixture
  const pictures = (list: ListInput, caller = staff) =>
    fixture.page('pictures', { list, selection: select('id'), caller })
  beforeAll(async () => {
    fixture = await openFixture(open, vectorTables, gallery)
    for (const statement of vectorStatements) await fixture.sql(statement)
  }, 60_000)

  test('vectors are read and written as lists of numbers', async () => {
    for (const { id, look } of pictureRows.slice(0, 12)) {
      const row = await fixture.row('picture', { key: { id }, caller: staff })
      expect(look === null ? row?.['look'] : bitsOf(row?.['look'])).toEqual(
        look === null ? null : bitsOf(look),
      )
    }
    const float = fc
      .float({ noNaN: true, noDefaultInfinity: true })
      .filter((value) => Math.abs(value) > 1e-37 || value === 0)
    await fc.assert(
      fc.asyncProperty(fc.tuple(float, float, float), async (look) => {
        const row = await fixture.row('updatePicture', {
          key: { id: 1 },
          input: { look },
          selection: select('look'),
          caller: staff,
        })
        expect(bitsOf(row?.['look'])).toEqual(bitsOf(look))
      }),
      { numRuns: 30 },
    )
    await fixture.sql('update pictures set look = null where id = 1')
  })

  test.each(vectorMetrics)('the nearest rows come first, by %s', async (metric) => {
    const rows = await fixture.sql(
      `select id from pictures order by look ${operators[metric]} '[1,0.5,-2]', id`,
    )
    expect(
      idsOf(
        await pictures({
          orderBy: [{ look: { nearest: { to: [1, 0.5, -2], metric } } }],
          first: 100,
        }),
      ),
    ).toEqual(rows.map(([one]) => Number(one)))
  })

  test('the default metric is L2, and other keys of the order follow', async () => {
    const to = [0, 0, 0]
    expect(idsOf(await pictures({ orderBy: [{ look: { nearest: { to } } }], first: 100 }))).toEqual(
      idsOf(await pictures({ orderBy: [{ look: { nearest: { to, metric: 'L2' } } }], first: 100 })),
    )
    const rows = await fixture.sql(
      `select id from pictures order by look <-> '[0,0,0]', title desc, id`,
    )
    expect(
      idsOf(
        await pictures({ orderBy: [{ look: { nearest: { to } } }, { title: 'DESC' }], first: 100 }),
      ),
    ).toEqual(rows.map(([one]) => Number(one)))
  })

  const order = fc.record({
    to: fc.constantFrom([0, 0, 0], [1, 1, 1], [1234567.875, 0.1, -1]),
    metric: fc.constantFrom(...vectorMetrics),
  })
  test('pages have every row once, including those without a vector', async () => {
    await fc.assert(
      fc.asyncProperty(
        order,
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        async (nearest, size, backward) => {
          const orderBy = [{ look: { nearest } }]
          const whole = idsOf(await pictures({ orderBy, first: 100 }))
          expect(await walk(pictures, { orderBy, size, backward })).toEqual(whole)
          expect(whole).toHaveLength(pictureRows.length)
        },
      ),
      { numRuns: 15 },
    )
  })

  test('distances work through a to-one relation, and in a related list', async () => {
    const rows = await fixture.sql(
      `select p.id from pictures p join albums a on a.id = p.album_id order by a.cover <-> '[3,3]', p.id`,
    )
    expect(
      idsOf(
        await pictures({
          orderBy: [{ album: { cover: { nearest: { to: [3, 3] } } } }],
          first: 100,
        }),
      ),
    ).toEqual(rows.map(([one]) => Number(one)))
    const own = await fixture.sql(
      `select id from pictures where album_id = 2 order by look <-> '[1,1,1]', id limit 3`,
    )
    const [album] = (
      await fixture.page('albums', {
        list: { where: { id: { eq: 2 } } },
        selection: select(
          'id',
          related('pictures', select('id'), {
            orderBy: [{ look: { nearest: { to: [1, 1, 1] } } }],
            first: 3,
          }),
        ),
        caller: staff,
      })
    ).rows
    expect(idsOf(album?.['pictures'] as PlainPage)).toEqual(own.map(([one]) => Number(one)))
  })

  test('a cursor belongs to its vector and its metric', async () => {
    const orderBy = [{ look: { nearest: { to: [1, 1, 1] } } }]
    const {
      cursors: [after],
    } = await pictures({ orderBy, first: 1 })
    expect((await pictures({ orderBy, after, first: 1 })).rows).toHaveLength(1)
    for (const nearest of [{ to: [1, 1, 2] }, { to: [1, 1, 1], metric: 'COSINE' }]) {
      expect(
        await fixture.problem('pictures', { list: { orderBy: [{ look: { nearest } }], after } }),
      ).toMatchObject({
        code: 'BAD_REQUEST',
        issues: [{ in: 'page', path: ['after'], code: 'bad_cursor' }],
      })
    }
  })

  test('hidden rows are not found, and a caller cannot order by a vector that they may not read', async () => {
    expect(
      idsOf(
        await pictures(
          { orderBy: [{ look: { nearest: { to: [1, 1, 1] } } }], first: 100 },
          signedIn(),
        ),
      ),
    ).toHaveLength(pictureRows.filter(({ title }) => title !== 'hidden').length)
    expect(
      await fixture.problem('pictures', {
        list: { orderBy: [{ id: 'ASC' }, { private: { nearest: { to: [1, 1, 1] } } }] },
      }),
    ).toMatchObject({
      code: 'UNAUTHENTICATED',
      issues: [
        { in: 'order', path: [1, 'private'], message: 'You may not use private in an order.' },
      ],
    })
  })

  test('isNull is the only operator', async () => {
    expect(idsOf(await pictures({ where: { look: { isNull: true } }, first: 100 }))).toEqual(
      pictureRows.filter(({ look }) => look === null).map(({ id }) => id),
    )
    expect(
      await fixture.problem('pictures', { list: { where: { look: { eq: [1, 1, 1] } } } }),
    ).toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [
        {
          in: 'where',
          path: ['look', 'eq'],
          code: 'unknown_member',
          message: 'There is no eq here. Allowed are isNull.',
        },
      ],
    })
  })

  describe('a wrong vector has an issue at its path', () => {
    test.each<[input: unknown, path: (string | number)[], message: string]>([
      [[1, 2], [], 'Expected 3 numbers.'],
      [[1, 2, 3, 4], [], 'Expected 3 numbers.'],
      [[], [], 'Expected 3 numbers.'],
      ['[1,2,3]', [], 'Expected a list.'],
      [[1, 'x', 3], [1], 'Expected a number.'],
      [[1, null, 3], [1], 'Expected a number.'],
      [[1, 1e300, 3], [1], 'Expected a number that 32 bits can hold.'],
      [[1, 2, 1e-60], [2], 'Expected a number that 32 bits can hold.'],
    ])('%j', async (value, path, message) => {
      expect(
        await fixture.problem('createPicture', {
          input: { id: 1000, look: value, title: 'x', albumId: 1 },
        }),
      ).toMatchObject({
        code: 'VALIDATION_FAILED',
        issues: [{ in: 'input', path: ['look', ...path], code: 'wrong_type', message }],
      })
      expect(
        await fixture.problem('pictures', {
          list: { orderBy: [{ id: 'ASC' }, { look: { nearest: { to: value } } }] },
        }),
      ).toMatchObject({
        code: 'VALIDATION_FAILED',
        issues: [
          { in: 'order', path: [1, 'look', 'nearest', 'to', ...path], code: 'wrong_type', message },
        ],
      })
    })

    test.each<[key: unknown, path: string[], code: string]>([
      [{ look: 'ASC' }, ['look'], 'wrong_type'],
      [{ look: {} }, ['look', 'nearest'], 'required'],
      [{ look: { nearest: {} } }, ['look', 'nearest', 'to'], 'required'],
      [
        { look: { nearest: { to: [1, 1, 1], metric: 'L3' } } },
        ['look', 'nearest', 'metric'],
        'wrong_type',
      ],
      [
        { look: { nearest: { to: [1, 1, 1], metric: null } } },
        ['look', 'nearest', 'metric'],
        'wrong_type',
      ],
      [
        { look: { nearest: { to: [1, 1, 1], than: 5 } } },
        ['look', 'nearest', 'than'],
        'unknown_member',
      ],
      [{ title: { nearest: { to: [1, 1, 1] } } }, ['title'], 'wrong_type'],
    ])('%j', async (key, path, code) => {
      expect(await fixture.problem('pictures', { list: { orderBy: [key] } })).toMatchObject({
        code: 'VALIDATION_FAILED',
        issues: [{ in: 'order', path: [0, ...path], code }],
      })
    })
  })
})
