// Geometries: GeoJSON read and written with its digits, filters by distance, area and intersection, and orders by distance.
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ListInput } from '../../src/engine/request.ts'
import { withExtension } from '../support/extensions.ts'
import { atlas, placeRows, placeStatements, placeTables } from './places.ts'
import { openFixture, type PlainPage, select, signedIn, walk, type Fixture } from './support.ts'

const idsOf = (page: PlainPage): readonly unknown[] => page.rows.map((row) => row['id'])
const staff = signedIn({}, 'staff')
const point = (...coordinates: number[]) => ({ type: 'Point', coordinates })
const square = {
  type: 'Polygon',
  coordinates: [
    [
      [13, 52],
      [13.35, 52],
      [13.35, 52.55],
      [13, 52.55],
      [13, 52],
    ],
  ],
}

await withExtension('postgis', (open) => {
  let fixture: Fixture
  const places = (list: ListInput, caller = staff) =>
    fixture.page('places', { list: { first: 100, ...list }, selection: select('id'), caller })
  const ids = async (text: string) => (await fixture.sql(text)).map(([id]) => Number(id))
  beforeAll(async () => {
    fixture = await openFixture(open, placeTables, atlas)
    for (const statement of placeStatements) await fixture.sql(statement)
  }, 60_000)

  test('a column of a reference system that GeoJSON does not have is not served', () => {
    expect([...(fixture.model.resources.get('place')?.fields.keys() ?? [])]).toEqual([
      'id',
      'name',
      'at',
      'where',
      'shape',
      'peak',
      'secret',
      'cityId',
    ])
  })

  test('geometries are read and written as GeoJSON, to the last digit', async () => {
    let id = 100
    const [longitude, latitude] = [
      fc.double({ min: -180, max: 180, noNaN: true }),
      fc.double({ min: -90, max: 90, noNaN: true }),
    ]
    const plain = (value: number) => (Object.is(value, -0) || Math.abs(value) < 1e-30 ? 0 : value)
    const exact = fc.asyncProperty(longitude, latitude, async (x, y) => {
      id += 1
      const at = point(plain(x), plain(y))
      const row = await fixture.row('createPlace', {
        input: { id, name: 'x', at, where: at },
        selection: select('at', 'where'),
      })
      expect(JSON.parse(JSON.stringify(row))).toEqual({ at, where: at }) // small numbers are written without an exponent
    })
    try {
      await fc.assert(exact, {
        numRuns: 60,
        seed: 2026,
        examples: [[0, 1.000_000_000_000_000_2e-8]],
      })
    } finally {
      await fixture.sql('delete from places where id > 100')
    }
  })

  test.each([
    point(1, 2),
    point(1, 2, 3),
    {
      type: 'LineString',
      coordinates: [
        [0, 0],
        [1.5, -2],
      ],
    },
    {
      type: 'MultiPoint',
      coordinates: [
        [0, 0],
        [1, 1],
      ],
    },
    {
      type: 'MultiLineString',
      coordinates: [
        [
          [0, 0],
          [1, 1],
        ],
        [
          [2, 2],
          [3, 3],
        ],
      ],
    },
    {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [9, 0],
          [9, 9],
          [0, 0],
        ],
        [
          [1, 1],
          [2, 1],
          [2, 2],
          [1, 1],
        ],
      ],
    },
    {
      type: 'MultiPolygon',
      coordinates: [
        [
          [
            [0, 0],
            [9, 0],
            [9, 9],
            [0, 0],
          ],
        ],
        [
          [
            [20, 0],
            [29, 0],
            [29, 9],
            [20, 0],
          ],
        ],
      ],
    },
    {
      type: 'GeometryCollection',
      geometries: [
        point(1, 2),
        {
          type: 'LineString',
          coordinates: [
            [0, 0],
            [1, 1],
          ],
        },
      ],
    },
  ])('a $type is read as it was stored', async (shape) => {
    expect(
      await fixture.row('updatePlace', {
        key: { id: 1 },
        input: { shape },
        selection: select('shape'),
        caller: staff,
      }),
    ).toEqual({ shape })
  })

  test.each(['at', 'where'])('rows near %s are found, by metres', async (field) => {
    const column = field === 'at' ? 'at::geography' : 'whereabouts'
    const to = point(13.2, 52.3)
    for (const metres of [0, 11_132, 30_000]) {
      expect(
        idsOf(await places({ where: { [field]: { distance: { to, lte: metres } } } })),
      ).toEqual(
        await ids(
          `select id from places where ST_Distance(${column}, 'POINT(13.2 52.3)'::geography) <= ${metres} order by id`,
        ),
      )
    }
    const there = point(...(placeRows[0]?.at ?? []))
    const near = async (bound: object) =>
      idsOf(await places({ where: { [field]: { distance: { to: there, ...bound } } } }))
    expect(await near({ lte: 0 })).toContain(1)
    expect(await near({ lt: 0 })).toEqual([])
    expect(await near({ lt: 0.001 })).toEqual(await near({ lte: 0 }))
  })

  test('rows within an area, and rows that intersect, are found', async () => {
    const text = `'SRID=4326;POLYGON((13 52, 13.35 52, 13.35 52.55, 13 52.55, 13 52))'`
    const within = await ids(`select id from places where ST_Within(at, ${text}) order by id`)
    const across = await ids(`select id from places where ST_Intersects(at, ${text}) order by id`)
    expect(within.length).toBeGreaterThan(0)
    expect(across.length).toBeGreaterThan(within.length)
    for (const field of ['at', 'where'])
      expect(idsOf(await places({ where: { [field]: { within: square } } }))).toEqual(within)
    expect(idsOf(await places({ where: { at: { intersects: square } } }))).toEqual(across)
    // the sides of a geography are arcs of great circles
    expect(idsOf(await places({ where: { where: { intersects: square } } }))).toEqual(
      await ids(
        `select id from places where ST_Intersects(whereabouts, ${text}::geography) order by id`,
      ),
    )
    expect(idsOf(await places({ where: { at: { isNull: true } } }))).toEqual(
      placeRows.filter(({ at }) => at === null).map(({ id }) => id),
    )
    expect(
      (
        await fixture.page('cities', {
          list: { where: { area: { intersects: point(13.5, 52.5) } } },
          selection: select('id'),
        })
      ).rows,
    ).toEqual([{ id: 1 }])
  })

  test('the nearest rows come first, by metres and not by degrees', async () => {
    const to = point(13.31, 52.42)
    const expected = await ids(
      `select id from places order by at::geography <-> 'POINT(13.31 52.42)'::geography, id`,
    )
    expect(expected).not.toEqual(
      await ids(`select id from places order by at <-> 'SRID=4326;POINT(13.31 52.42)', id`),
    )
    for (const field of ['at', 'where']) {
      expect(idsOf(await places({ orderBy: [{ [field]: { nearest: { to } } }] }))).toEqual(expected)
      expect(await walk(places, { orderBy: [{ [field]: { nearest: { to } } }], size: 4 })).toEqual(
        expected,
      )
    }
    expect(idsOf(await places({ orderBy: [{ at: { nearest: { to } } }] }, signedIn()))).toEqual(
      expected.filter((id) => placeRows[id - 1]?.name !== 'hidden'),
    )
  })

  test('a caller cannot filter or order by a geometry that they may not read', async () => {
    expect(
      await fixture.problem('places', {
        list: {
          where: { secret: { within: square } },
          orderBy: [{ secret: { nearest: { to: point(1, 1) } } }],
        },
      }),
    ).toMatchObject({
      code: 'UNAUTHENTICATED',
      issues: [
        { in: 'where', path: ['secret'] },
        { in: 'order', path: [0, 'secret'] },
      ],
    })
  })

  test('a geometry that only PostGIS refuses is a fault of the value', async () => {
    await expect(
      fixture.sql(`select ST_GeomFromText('POLYGON((0 0, 1 1))')`),
    ).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      message: 'A value does not fit its type.',
    })
  })

  describe('a wrong geometry has an issue at its path', () => {
    const types =
      'Expected one of "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection".'
    test.each<[field: string, value: unknown, path: (string | number)[], message: string]>([
      ['at', { type: 'Circle', coordinates: [1, 2] }, ['type'], types],
      ['at', {}, ['type'], types],
      ['at', 'POINT(1 2)', [], 'Expected an object.'],
      ['at', { type: 'Point', coordinates: ['a', 2] }, ['coordinates', 0], 'Expected a number.'],
      [
        'at',
        point(1),
        ['coordinates'],
        'Expected two or three numbers: longitude, latitude, height.',
      ],
      [
        'at',
        { ...point(1, 2), crs: 'x' },
        ['crs'],
        'There is no crs here. Allowed are type, coordinates.',
      ],
      ['at', point(1, 2, 3), [], 'Expected two numbers a position: the column keeps no height.'],
      ['at', square, [], 'Expected a Point.'],
      ['peak', point(1, 2), [], 'Expected three numbers a position.'],
      [
        'where',
        point(200, 10),
        [],
        'A longitude lies from -180 to 180, a latitude from -90 to 90.',
      ],
      ['at', point(10, 91), [], 'A longitude lies from -180 to 180, a latitude from -90 to 90.'],
      [
        'shape',
        { type: 'LineString', coordinates: [[0, 0]] },
        ['coordinates'],
        'Expected 2 at least.',
      ],
      [
        'shape',
        {
          type: 'Polygon',
          coordinates: [
            [
              [0, 0],
              [1, 0],
              [1, 1],
              [0, 1],
            ],
          ],
        },
        ['coordinates', 0],
        'A ring ends where it begins.',
      ],
      [
        'shape',
        {
          type: 'GeometryCollection',
          geometries: [{ type: 'GeometryCollection', geometries: [] }],
        },
        ['geometries', 0, 'type'],
        types,
      ],
    ])('%s: %j', async (field, value, path, message) => {
      expect(
        await fixture.problem('createPlace', { input: { id: 900, name: 'x', [field]: value } }),
      ).toMatchObject({
        code: 'VALIDATION_FAILED',
        issues: [{ in: 'input', path: [field, ...path], message }],
      })
    })

    test.each<[comparison: object, path: (string | number)[], message: string]>([
      [{ distance: { to: point(1, 2) } }, ['distance'], 'Give either lt or lte.'],
      [{ distance: { to: point(1, 2), lt: 1, lte: 2 } }, ['distance'], 'Give either lt or lte.'],
      [{ distance: { to: point(1, 2), lt: -1 } }, ['distance', 'lt'], 'At least 0.'],
      [
        { distance: { to: point(500, 2), lt: 1 } },
        ['distance', 'to'],
        'A longitude lies from -180 to 180, a latitude from -90 to 90.',
      ],
      [{ within: { type: 'Nothing' } }, ['within', 'type'], types],
      [
        { near: 1 },
        ['near'],
        'There is no near here. Allowed are distance, within, intersects, isNull.',
      ],
      [{ within: null }, ['within'], 'Expected an object.'],
    ])('%j', async (comparison, path, message) => {
      expect(
        await fixture.problem('places', { list: { where: { at: comparison } } }),
      ).toMatchObject({
        code: 'VALIDATION_FAILED',
        issues: [{ in: 'where', path: ['at', ...path], message }],
      })
    })
  })
})
