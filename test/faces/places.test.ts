// Geometries on both faces: the same GeoJSON, the same filters, the same issues.
import { openTestGateway, type TestGateway } from 'bifrons/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gateway } from '../../src/server/gateway.ts'
import { atlas, placeRelations, placeStatements, placeTables } from '../engine/places.ts'
import { createTables } from '../engine/support.ts'
import { withExtension } from '../support/extensions.ts'

await withExtension('postgis', (open) => {
  let gate: TestGateway
  beforeAll(async () => {
    const database = await open({ relations: placeRelations })
    await createTables(database, placeTables)
    for (const text of placeStatements) await database.query({ text, values: [] })
    gate = await openTestGateway(gateway(atlas), { database })
  }, 60_000)
  afterAll(() => gate.close())

  const rest = async (query: Record<string, string>) =>
    (await gate.app.inject({ url: `/api/places?${new URLSearchParams(query).toString()}` })).json()
  const graphql = async (query: string, variables = {}) =>
    (
      await gate.app.inject({ method: 'POST', url: '/graphql', payload: { query, variables } })
    ).json()
  const to = { type: 'Point', coordinates: [13.2, 52.3] }

  test('a filter by distance finds the same rows in its long, short and typed form, the nearest first', async () => {
    const comparison = { distance: { to, lte: 30_000 } }
    const nearest = JSON.stringify({ at: { to } })
    const long = await rest({
      where: JSON.stringify({ at: comparison }),
      nearest,
      fields: 'id,at',
      limit: '3',
    })
    expect(long.data).toHaveLength(3)
    expect(
      await rest({
        'at[distance]': JSON.stringify(comparison.distance),
        nearest,
        fields: 'id,at',
        limit: '3',
      }),
    ).toEqual(long)
    const query =
      'query($where: PlaceFilter, $to: GeoJSON!) { places(where: $where, orderBy: [{ at: { nearest: { to: $to } } }], first: 3) { nodes { id at } pageInfo { endCursor } } }'
    expect(await graphql(query, { where: { at: comparison }, to })).toMatchObject({
      data: { places: { nodes: long.data, pageInfo: { endCursor: long.page.next } } },
    })
    expect(
      await graphql(
        '{ places(where: { at: { distance: { to: { type: "Point", coordinates: [13.2, 52.3] }, lt: 30000 } } }, first: 1) { totalCount } }',
      ),
    ).toMatchObject({ data: { places: { totalCount: expect.any(Number) } } })
  })

  test('a request with the same fingerprint and another place is answered for that place', async () => {
    const at = (x: number, bound: 'lt' | 'lte') =>
      rest({
        where: JSON.stringify({
          at: { distance: { to: { type: 'Point', coordinates: [x, 52] }, [bound]: 0 } },
        }),
        fields: 'id',
      })
    expect((await at(13, 'lte')).data).toEqual([{ id: 1 }])
    expect((await at(13.1, 'lte')).data).not.toEqual([{ id: 1 }])
    expect((await at(13, 'lt')).data).toEqual([])
  })

  test('a wrong place has the same issue on both faces', async () => {
    const payload = { id: 500, name: 'x', at: { type: 'Point', coordinates: [200, 1] } }
    const issues = [
      {
        in: 'input',
        path: ['at'],
        code: 'wrong_type',
        message: 'A longitude lies from -180 to 180, a latitude from -90 to 90.',
      },
    ]
    expect(
      (await gate.app.inject({ method: 'POST', url: '/api/places', payload })).json(),
    ).toMatchObject({ code: 'VALIDATION_FAILED', issues })
    expect(
      await graphql('mutation($input: PlaceCreate!) { createPlace(input: $input) { id } }', {
        input: payload,
      }),
    ).toMatchObject({ errors: [{ extensions: { code: 'VALIDATION_FAILED', issues } }] })
    const nearest = [
      {
        in: 'order',
        path: [0, 'at', 'nearest', 'to', 'coordinates'],
        message: 'Expected two or three numbers: longitude, latitude, height.',
      },
    ]
    expect(
      await rest({ nearest: JSON.stringify({ at: { to: { type: 'Point', coordinates: [1] } } }) }),
    ).toMatchObject({ code: 'VALIDATION_FAILED', issues: nearest })
    expect(
      await graphql('query($order: [PlaceOrder!]) { places(orderBy: $order) { totalCount } }', {
        order: [{ at: { nearest: { to: { type: 'Point', coordinates: [1] } } } }],
      }),
    ).toMatchObject({ errors: [{ extensions: { code: 'VALIDATION_FAILED', issues: nearest } }] })
  })
})
