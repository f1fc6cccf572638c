// The argument `search` on both faces: its places, its results, and resources without it.
import { openTestGateway, type TestGateway } from 'bifrons/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gateway } from '../../src/server/gateway.ts'
import { declareNotes, noteRows, noteTables, relations } from '../engine/notes.ts'
import { createTables } from '../engine/support.ts'
import { onDatabase } from '../support/databases.ts'

onDatabase('pglite', (open) => {
  let notes: TestGateway
  beforeAll(async () => {
    const database = await open({ relations })
    await createTables(database, noteTables)
    await database.query({
      text: `insert into notebooks values (1, 'First'), (2, 'Second'), (3, 'Third')`,
      values: [],
    })
    await database.query({
      text: `insert into notes (id, title, body, owner, notebook_id)
      select id, title, body, owner, notebook_id from json_to_recordset($1) as r(id int, title text, body text, owner text, notebook_id int)`,
      values: [JSON.stringify(noteRows)],
    })
    notes = await openTestGateway(gateway(declareNotes(['title', 'body'])), { database })
  })
  afterAll(() => notes.close())

  const rest = async (url: string) => (await notes.app.inject({ url })).json()
  const graphql = async (query: string, variables = {}) =>
    (
      await notes.app.inject({ method: 'POST', url: '/graphql', payload: { query, variables } })
    ).json()

  describe('a list that can be searched', () => {
    test('answers the same rows, cursors and total on both faces', async () => {
      const { data, page } = await rest(
        '/api/notes?search=lamp+-brass&fields=id&limit=3&count=exact',
      )
      const {
        data: { notes: connection },
      } = await graphql(
        'query($q: String) { notes(search: $q, first: 3) { nodes { id } totalCount pageInfo { endCursor } } }',
        { q: 'lamp -brass' },
      )
      expect(data).toHaveLength(3)
      expect(connection).toEqual({
        nodes: data,
        totalCount: page.total,
        pageInfo: { endCursor: page.next },
      })
      const next = await rest(`/api/notes?search=lamp+-brass&fields=id&limit=3&after=${page.next}`)
      expect(
        await graphql(
          `{ notes(search: "lamp -brass", first: 3, after: "${page.next}") { nodes { id } } }`,
        ),
      ).toEqual({ data: { notes: { nodes: next.data } }, extensions: expect.any(Object) })
      expect(next.data[0]).not.toEqual(data[0])
    })

    test('the Link to the next page searches for the same', async () => {
      const answer = await notes.app.inject({ url: '/api/notes?search=lamp%20or%20oak&limit=2' })
      expect(answer.headers['link']).toMatch(
        /^<\/api\/notes\?search=lamp%20or%20oak&limit=2&after=[\w-]+>; rel="next"$/,
      )
    })

    test('takes search in an included list, and under the path of related rows', async () => {
      const included = await rest(
        '/api/notebooks/1?fields=id&include=notes&notes.search=lamp&notes.fields=id&notes.limit=2',
      )
      expect(included.notes.data).toHaveLength(2)
      expect((await rest('/api/notebooks/1/notes?search=lamp&fields=id&limit=2')).data).toEqual(
        included.notes.data,
      )
      expect(
        await graphql('{ notebook(id: 1) { notes(search: "lamp", first: 2) { nodes { id } } } }'),
      ).toEqual({
        data: { notebook: { notes: { nodes: included.notes.data } } },
        extensions: expect.any(Object),
      })
    })

    test('finds no row for an empty text', async () => {
      expect(await rest('/api/notes?search=&count=exact')).toMatchObject({
        data: [],
        page: { total: 0 },
      })
      expect(await graphql('{ notes(search: "") { totalCount } }')).toEqual({
        data: { notes: { totalCount: 0 } },
        extensions: expect.any(Object),
      })
    })

    test('refuses null, and treats an absent variable as no search', async () => {
      expect(
        await graphql('query($q: String) { notes(search: $q) { totalCount } }', { q: null }),
      ).toMatchObject({
        errors: [
          {
            extensions: {
              code: 'VALIDATION_FAILED',
              issues: [{ in: 'search', path: [], code: 'wrong_type', message: 'Expected text.' }],
            },
          },
        ],
      })
      expect(await graphql('query($q: String) { notes(search: $q) { totalCount } }')).toEqual({
        data: { notes: { totalCount: noteRows.filter(({ owner }) => owner !== 'hidden').length } },
        extensions: expect.any(Object),
      })
    })
  })

  test('a list without search has no such argument, and the error lists the arguments', async () => {
    expect(await rest('/api/notebooks?search=x')).toMatchObject({
      code: 'BAD_REQUEST',
      issues: [
        {
          in: 'document',
          path: ['search'],
          code: 'unknown_parameter',
          message: expect.stringContaining(
            'There is no parameter search here. There is where, sort, distinctOn, limit, after, before, offset, count, fields, include',
          ),
        },
      ],
    })
    expect(await graphql('{ notebooks(search: "x") { totalCount } }')).toMatchObject({
      errors: [
        {
          message: 'Unknown argument "search" on field "Query.notebooks".',
          extensions: { code: 'BAD_REQUEST' },
        },
      ],
    })
    expect(await rest('/api/notes?include=notebook&notebook.search=x')).toMatchObject({
      code: 'BAD_REQUEST',
    })
  })

  test('both documents have the argument', async () => {
    const { paths } = (await notes.app.inject({ url: '/openapi.json' })).json()
    const named = (path: string) =>
      paths[path].get.parameters.map(({ name }: { name?: string }) => name)
    expect([
      named('/api/notes').includes('search'),
      named('/api/notebooks/{id}/notes').includes('search'),
      named('/api/notebooks').includes('search'),
    ]).toEqual([true, true, false])
  })
})
