// Full-text search: matches and their order, cursors that are exact over ranks, and access.
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ListInput } from '../../src/engine/request.ts'
import { eachDatabase, onDatabase, type OpenFresh } from '../support/databases.ts'
import { declareNotes, noteRows, type NoteSearch, noteTables } from './notes.ts'
import {
  openFixture,
  type PlainPage,
  related,
  select,
  signedIn,
  walk,
  type Fixture,
} from './support.ts'

async function openNotes(open: OpenFresh, search: NoteSearch): Promise<Fixture> {
  const fixture = await openFixture(open, noteTables, declareNotes(search))
  await fixture.sql(`insert into notebooks values (1, 'First'), (2, 'Second'), (3, 'Third')`)
  await fixture.sql(
    `insert into notes (id, title, body, secret, owner, notebook_id)
    select id, title, body, secret, owner, notebook_id from json_to_recordset($1) as r(id int, title text, body text, secret text, owner text, notebook_id int)`,
    JSON.stringify(noteRows),
  )
  return fixture
}

const idsOf = (page: PlainPage): readonly unknown[] => page.rows.map((row) => row['id'])
const staff = signedIn({}, 'staff')

eachDatabase((kind, open) => {
  let fixture: Fixture
  const notes = (list: ListInput, caller = staff) =>
    fixture.page('notes', { list, selection: select('id'), caller })
  beforeAll(async () => {
    fixture = await openNotes(open, { columns: ['title', 'body'], weights: { title: 'A' } })
  })

  /** PostgreSQL's own result, the best first. */
  const reference = async (text: string): Promise<readonly number[]> => {
    const document = `setweight(to_tsvector('english', title), 'A') || to_tsvector('english', coalesce(body, ''))`
    const rows = await fixture.sql(
      `select id from notes where (${document}) @@ websearch_to_tsquery('english', $1)
      order by ts_rank_cd(${document}, websearch_to_tsquery('english', $1)) desc, id`,
      text,
    )
    return rows.map(([id]) => Number(id))
  }

  test.each([
    'lamp',
    'LAMPS',
    'run',
    '"lamp oak"',
    'lamp -brass',
    'table or running',
    'the lamp',
    'lamp oak table',
  ])('%s finds the matching rows, the best first', async (text) => {
    const expected = await reference(text)
    expect(expected.length, kind).toBeGreaterThan(0)
    expect(idsOf(await notes({ search: text, first: 100 }))).toEqual(expected)
  })

  test.each(['', '   ', 'the', 'and the or', '!!!', 'zebra'])(
    '"%s" has no word of a note, and finds no row',
    async (text) => {
      expect(
        await fixture.page('notes', {
          list: { search: text },
          selection: select('id'),
          caller: staff,
          total: true,
        }),
      ).toMatchObject({ rows: [], total: 0 })
    },
  )

  test.each(["'", '&|!()<->:*', ':*', '"open', '\\', 'a:b & c', '😀 "'])(
    '%s is text like any other',
    async (text) => {
      expect(idsOf(await notes({ search: text, first: 100 }))).toEqual(await reference(text))
    },
  )

  test('a long run of signs is text like any other', async () => {
    for (const text of ['-'.repeat(900), ' -!'.repeat(300), '-"'.repeat(450), '"'.repeat(999)])
      expect(idsOf(await notes({ search: text, first: 100 }))).toEqual([])
  })

  test('a search combines with the filter, and the count includes both', async () => {
    const where = { notebookId: { eq: 2 } }
    const both = (await reference('lamp')).filter((id) => noteRows[id - 1]?.notebook_id === 2)
    const page = await fixture.page('notes', {
      list: { search: 'lamp', where, first: 2 },
      selection: select('id'),
      caller: staff,
      total: true,
    })
    expect(idsOf(page)).toEqual(both.slice(0, 2))
    expect(page).toMatchObject({ total: both.length, hasNext: true })
    expect(
      (
        await fixture.page('notes', {
          list: { search: 'lamp', where },
          selection: select(),
          caller: staff,
          rows: false,
          total: true,
        })
      ).total,
    ).toBe(both.length)
  })

  test('an order in the request replaces the rank', async () => {
    expect(idsOf(await notes({ search: 'lamp', orderBy: [{ id: 'DESC' }], first: 100 }))).toEqual(
      (await reference('lamp')).toSorted((a, b) => b - a),
    )
    expect(idsOf(await notes({ search: 'lamp', orderBy: [], first: 100 }))).toEqual(
      await reference('lamp'),
    )
  })

  const texts = fc.constantFrom('lamp', 'table or running', 'brass', '-lamp', 'oak or the or ran')
  test('pages have every match once, in the order of one large page', async () => {
    await fc.assert(
      fc.asyncProperty(
        texts,
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        fc.boolean(),
        async (search, size, backward, ordered) => {
          const list = { search, ...(ordered ? { orderBy: [{ title: 'DESC' }] } : {}) }
          const whole = idsOf(await notes({ ...list, first: 100 }))
          expect(await walk(notes, { ...list, size, backward })).toEqual(whole)
          expect(new Set(whole).size).toBe(whole.length)
        },
      ),
      { numRuns: kind === 'pglite' ? 12 : 25 },
    )
  })

  test('related lists can be searched, flat ones and those in a JSON cell', async () => {
    const lists = [related('notes', select('id'), { search: 'lamp', first: 2 }, { total: true })]
    const page = await fixture.page('notebooks', {
      selection: select('id', ...lists),
      caller: staff,
    })
    const expected = await reference('lamp')
    for (const row of page.rows) {
      const own = expected.filter((id) => noteRows[id - 1]?.notebook_id === row['id'])
      const found = row['notes'] as PlainPage
      expect(idsOf(found)).toEqual(own.slice(0, 2))
      expect(found.total).toBe(own.length)
      const [after] = found.cursors
      const next = await fixture.page('notebooks', {
        list: { where: { id: { eq: row['id'] } } },
        selection: select(
          'id',
          related('notes', select('id'), { search: 'lamp', first: 1, after }),
        ),
        caller: staff,
      })
      expect(idsOf(next.rows[0]?.['notes'] as PlainPage)).toEqual(own.slice(1, 2))
    }
  })

  test('rows that are hidden from the caller are neither found nor counted', async () => {
    const visible = (await reference('lamp')).filter((id) => noteRows[id - 1]?.owner !== 'hidden')
    expect(visible.length).toBeLessThan((await reference('lamp')).length)
    const page = await fixture.page('notes', {
      list: { search: 'lamp', first: 100 },
      selection: select('id'),
      total: true,
    })
    expect(idsOf(page)).toEqual(visible)
    expect(page.total).toBe(visible.length)
  })

  describe('a cursor', () => {
    test('belongs to its search text, in any order', async () => {
      const issue = { in: 'page', path: ['after'], code: 'bad_cursor' }
      for (const orderBy of [undefined, [{ id: 'ASC' as const }]]) {
        const {
          cursors: [after],
        } = await notes({ search: 'lamp', orderBy, first: 1 })
        expect((await notes({ search: 'lamp', orderBy, after, first: 1 })).rows).toHaveLength(1)
        for (const list of [{ search: 'lamps' }, { search: 'Lamp' }, {}]) {
          expect(
            await fixture.problem('notes', { list: { ...list, orderBy, after } }),
          ).toMatchObject({ code: 'BAD_REQUEST', issues: [issue] })
        }
      }
      const {
        cursors: [plain],
      } = await notes({ first: 1 })
      expect(
        await fixture.problem('notes', { list: { search: 'lamp', after: plain } }),
      ).toMatchObject({ code: 'BAD_REQUEST', issues: [issue] })
    })

    test.each(['1e300', '1e-300', 'x', 'NaN ', null, ''])(
      'with the rank %s is refused',
      async (rank) => {
        const {
          cursors: [cursor = ''],
        } = await notes({ search: 'lamp', first: 1 })
        const [order, , id] = JSON.parse(
          Buffer.from(cursor, 'base64url').toString(),
        ) as readonly unknown[]
        const after = Buffer.from(JSON.stringify([order, rank, id])).toString('base64url')
        expect(await fixture.problem('notes', { list: { search: 'lamp', after } })).toMatchObject({
          code: 'BAD_REQUEST',
          issues: [{ in: 'page', path: ['after'], code: 'bad_cursor' }],
        })
      },
    )
  })

  test.each([
    [null, 'wrong_type', 'Expected text.'],
    [5, 'wrong_type', 'Expected text.'],
    [['lamp'], 'wrong_type', 'Expected text.'],
    ['a\0', 'wrong_type', 'Expected text without NUL and lone surrogates.'],
    ['\ud800', 'wrong_type', 'Expected text without NUL and lone surrogates.'],
    ['x'.repeat(1001), 'too_big', 'At most 1000 characters.'],
  ])('%# is refused at its path', async (search, code, message) => {
    expect(await fixture.problem('notes', { list: { search } })).toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ in: 'search', path: [], code, message }],
    })
    expect(
      await fixture.problem('notebooks', {
        selection: select('id', related('notes', select('id'), { search })),
      }),
    ).toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ in: 'search', path: ['notes'], code, message }],
    })
  })

  test('a resource without search refuses the argument', async () => {
    expect(await fixture.problem('notebooks', { list: { search: 'x' } })).toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ in: 'search', path: [], code: 'unknown_member' }],
    })
  })
})

onDatabase('postgres', (open) => {
  test.each<[name: string, search: NoteSearch, words: string]>([
    ['secret in a search', ['title', 'secret'], 'treasure'],
    ['the search of notes', ['inside'], 'treasure'],
    ['the search of notes', ['title', 'inside'], 'treasure'],
  ])(
    'a caller who may not read a part of the text may not search: %s',
    async (what, search, words) => {
      const fixture = await openNotes(open, search)
      const refused = (path: readonly string[]) => [
        { in: 'search', path, message: `You may not use ${what}.` },
      ]
      fixture.statements.length = 0
      expect(await fixture.problem('notes', { list: { search: words } })).toMatchObject({
        code: 'UNAUTHENTICATED',
        issues: refused([]),
      })
      expect(
        await fixture.problem('notes', {
          list: { search: words, orderBy: [{ id: 'ASC' }] },
          caller: signedIn({ owner: 'ann' }),
        }),
      ).toMatchObject({ code: 'FORBIDDEN', issues: refused([]) })
      expect(
        await fixture.problem('notebooks', {
          selection: select('id', related('notes', select('id'), { search: words })),
        }),
      ).toMatchObject({ code: 'UNAUTHENTICATED', issues: refused(['notes']) })
      expect(fixture.statements).toHaveLength(0)
      const found = await fixture.page('notes', {
        list: { search: words, first: 100 },
        selection: select('id'),
        caller: staff,
      })
      expect(idsOf(found)).toEqual(
        noteRows.filter(({ secret }) => secret !== null).map(({ id }) => id),
      )
    },
  )

  test('words follow the language', async () => {
    const english = await openNotes(open, ['words'])
    const simple = await openNotes(open, { columns: ['title'], language: 'simple' })
    const ask = async (fixture: Fixture, search: string) =>
      idsOf(
        await fixture.page('notes', {
          list: { search, first: 100 },
          selection: select('id'),
          caller: staff,
        }),
      )
    expect(await ask(english, 'lamp')).toEqual(await ask(english, 'lamps'))
    expect(await ask(simple, 'lamp')).not.toEqual(await ask(simple, 'lamps'))
    expect((await ask(simple, 'the')).length).toBeGreaterThan(0)
  })

  test('an index over the same expression serves the search, also with a nullable column', async () => {
    const fixture = await openNotes(open, { columns: ['title', 'body'], weights: { title: 'A' } })
    await fixture.sql(
      `create index on notes using gin ((setweight(to_tsvector('english', title), 'A') || to_tsvector('english', coalesce(body, ''))))`,
    )
    await fixture.page('notes', {
      list: { search: 'lamp' },
      selection: select('id'),
      caller: staff,
    })
    const { text, values } = fixture.statements.at(-1) ?? { text: '', values: [] }
    const plan = await fixture.database.transaction(async (tx) => {
      await tx.query({ text: 'set local enable_seqscan = off', values: [] })
      return tx.query({ text: `explain ${text}`, values })
    })
    expect(plan.rows.flat().join('\n')).toContain('Bitmap Index Scan')
  })
})
