// Orders by distance on both faces: REST's parameter and GraphQL's order have the same result.
import { openTestGateway, type TestGateway } from 'bifrons/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gateway } from '../../src/server/gateway.ts'
import { createTables } from '../engine/support.ts'
import { gallery, vectorRelations, vectorStatements, vectorTables } from '../engine/vectors.ts'
import { withExtension } from '../support/extensions.ts'

await withExtension('vector', (open) => {
  let gate: TestGateway
  beforeAll(async () => {
    const database = await open({ relations: vectorRelations })
    await createTables(database, vectorTables)
    for (const text of vectorStatements) await database.query({ text, values: [] })
    gate = await openTestGateway(gateway(gallery), { database })
  }, 60_000)
  afterAll(() => gate.close())

  const rest = async (path: string, query: Record<string, string>) =>
    (await gate.app.inject({ url: `${path}?${new URLSearchParams(query).toString()}` })).json()
  const graphql = async (query: string) =>
    (await gate.app.inject({ method: 'POST', url: '/graphql', payload: { query } })).json()

  test('rows, cursors and vectors are the same on both faces', async () => {
    const nearest = JSON.stringify({ look: { to: [1, 0.5, -2], metric: 'COSINE' } })
    const { data, page } = await rest('/api/pictures', {
      nearest,
      sort: '-title',
      fields: 'id,look',
      limit: '4',
    })
    expect(data).toHaveLength(4)
    expect(
      await graphql(
        '{ pictures(orderBy: [{ look: { nearest: { to: [1, 0.5, -2], metric: COSINE } } }, { title: DESC }], first: 4) { nodes { id look } pageInfo { endCursor } } }',
      ),
    ).toEqual({
      data: { pictures: { nodes: data, pageInfo: { endCursor: page.next } } },
      extensions: expect.any(Object),
    })
    expect(
      (
        await rest('/api/pictures', {
          nearest,
          sort: '-title',
          fields: 'id',
          limit: '4',
          after: page.next,
        })
      ).data,
    ).toHaveLength(4)
  })

  test('nearest works through a relation, and in an included list', async () => {
    const { data } = await rest('/api/pictures', {
      nearest: '{"album":{"cover":{"to":[3,3]}}}',
      fields: 'id',
      limit: '5',
    })
    expect(
      await graphql(
        '{ pictures(orderBy: [{ album: { cover: { nearest: { to: [3, 3] } } } }], first: 5) { nodes { id } } }',
      ),
    ).toEqual({ data: { pictures: { nodes: data } }, extensions: expect.any(Object) })
    const album = await rest('/api/albums/2', {
      include: 'pictures',
      'pictures.nearest': '{"look":{"to":[1,1,1]}}',
      'pictures.fields': 'id',
      'pictures.limit': '3',
    })
    expect(
      await graphql(
        '{ album(id: 2) { pictures(orderBy: [{ look: { nearest: { to: [1, 1, 1] } } }], first: 3) { nodes { id } } } }',
      ),
    ).toEqual({
      data: { album: { pictures: { nodes: album.pictures.data } } },
      extensions: expect.any(Object),
    })
  })

  test.each(['', '[]', '5', '{look}'])('nearest=%s cannot be read', async (nearest) => {
    expect(await rest('/api/pictures', { nearest })).toMatchObject({
      code: 'BAD_REQUEST',
      issues: [
        {
          in: 'document',
          path: ['nearest'],
          code: 'malformed_json',
          message: expect.stringContaining('as JSON'),
        },
      ],
    })
  })

  test('nearest= with the same key twice cannot be read', async () => {
    const nearest = '{"look":{"to":[1,1,1]},"look":{"to":[2,2,2]}}'
    expect(await rest('/api/pictures', { nearest })).toMatchObject({
      code: 'BAD_REQUEST',
      issues: [{ in: 'document', path: ['nearest', 'look'], code: 'duplicate_key' }],
    })
  })

  test.each([
    ['{"look":{"to":[1,2]}}', [0, 'look', 'nearest', 'to'], 'Expected 3 numbers.'],
    ['{"look":5}', [0, 'look', 'nearest'], 'Expected an object.'],
    ['{"title":{"to":[1,1,1]}}', [0, 'title'], 'Expected one of "ASC"'],
    ['{"nothing":{"to":[1]}}', [0, 'nothing'], 'There is no nothing here.'],
    ['{"album":{}}', [0, 'album', 'nearest'], 'There is no nearest here.'],
    [
      '{"album":{"cover":{"to":[1]}}}',
      [0, 'album', 'cover', 'nearest', 'to'],
      'Expected 2 numbers.',
    ],
  ])('nearest=%s is refused at its path in the order', async (nearest, path, message) => {
    expect(await rest('/api/pictures', { nearest })).toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ in: 'order', path, message: expect.stringContaining(message) }],
    })
  })

  test('written vectors are checked alike', async () => {
    const issues = [
      { in: 'input', path: ['look'], code: 'wrong_type', message: 'Expected 3 numbers.' },
    ]
    const payload = { id: 500, look: [1, 2], title: 'x', albumId: 1 }
    expect(
      (await gate.app.inject({ method: 'POST', url: '/api/pictures', payload })).json(),
    ).toMatchObject({ code: 'VALIDATION_FAILED', issues })
    expect(
      (
        await gate.app.inject({
          method: 'POST',
          url: '/graphql',
          payload: {
            query: 'mutation($input: PictureCreate!) { createPicture(input: $input) { id } }',
            variables: { input: payload },
          },
        })
      ).json(),
    ).toMatchObject({ errors: [{ extensions: { code: 'VALIDATION_FAILED', issues } }] })
  })
})
