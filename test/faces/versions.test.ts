// Versions of rows and conditional writes: both faces answer and accept the same version.
import { defineRelations, sql } from 'drizzle-orm'
import { bigint, integer, pgTable, pgView, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { declare } from '../../src/schema/declare/declare.ts'
import { readConfig } from '../../src/server/config/config.ts'
import { openGateway } from '../../src/server/open-gateway.ts'
import { eachDatabase } from '../support/databases.ts'
import { type Faces, faultOf, openFaces } from './http.ts'

const pages = pgTable('pages', {
  id: integer().primaryKey(),
  title: text().notNull(),
  author: text().notNull(),
  secret: text(),
  hits: integer().notNull().default(0),
})
const labels = pgTable(
  'labels',
  {
    book: text().notNull(),
    word: text().notNull(),
    pageId: integer('page_id').references(() => pages.id),
  },
  (table) => [primaryKey({ columns: [table.book, table.word] })],
)
const marks = pgTable(
  'marks',
  {
    pageId: integer('page_id').notNull(),
    labelBook: text('label_book').notNull(),
    labelWord: text('label_word').notNull(),
  },
  (table) => [primaryKey({ columns: [table.pageId, table.labelBook, table.labelWord] })],
)
const entries = pgTable('entries', {
  id: integer().primaryKey(),
  amount: integer().notNull(),
  revision: bigint({ mode: 'bigint' }).notNull(),
})
const stamps = pgTable('stamps', {
  id: integer().primaryKey(),
  name: text(),
  changed: timestamp({ withTimezone: true }),
})
const titles = pgView('titles', { id: integer(), title: text() }).as(
  sql`select id, title from pages`,
)

const tables = { pages, labels, marks, entries, stamps, titles }
const relations = defineRelations(tables, (r) => ({
  pages: {
    labels: r.many.labels({ from: r.pages.id, to: r.labels.pageId }),
    mark: r.one.labels({
      from: r.pages.id.through(r.marks.pageId),
      to: r.labels.word.through(r.marks.labelWord),
    }),
  },
  labels: { page: r.one.pages({ from: r.labels.pageId, to: r.pages.id }) },
}))
const { resource, access, operation } = declare({
  relations,
  caller: z.object({ user: z.string() }).partial(),
})
const { everyone } = access
const all = { read: everyone, create: everyone, update: everyone, delete: everyone }
const own = access.owner('author', 'user')
const page = resource('pages', {
  access: {
    ...all,
    read: { hits: { lt: 100 } },
    update: access.any(own, access.role('staff')),
    delete: access.any(own, access.role('staff')),
  },
  fields: { secret: { read: access.role('staff') } },
  computed: { shout: { type: 'text', sql: ({ title }) => sql`upper(${title})` } },
})
const declaration = {
  name: 'Pages',
  relations,
  resources: {
    page,
    label: resource('labels', { access: all }),
    entry: resource('entries', {
      access: all,
      version: 'revision',
      requireVersion: true,
      names: { version: 'etag' },
    }),
    stamp: resource('stamps', {
      access: all,
      version: 'changed',
      fields: { changed: { hidden: true } },
    }),
    title: resource('titles', { access: { read: everyone }, key: ['id'] }),
  },
  operations: {
    /** Changes a row twice in one transaction. */
    twice: operation({
      kind: 'mutation',
      rest: 'POST /twice',
      access: everyone,
      output: page,
      async handle({ tx }) {
        await tx
          .update(pages)
          .set({ title: 'Once' })
          .where(sql`id = 1`)
        const seen = await tx
          .select(books)
          .from(pages)
          .where(sql`id = 1`)
        await tx
          .update(pages)
          .set({ title: 'Twice' })
          .where(sql`id = 1`)
        inOneTransaction.push(
          ...seen,
          ...(await tx
            .select(books)
            .from(pages)
            .where(sql`id = 1`)),
        )
        return { id: 1 }
      },
    }),
  },
}
const books = {
  xmin: sql<string>`xmin::text`,
  ctid: sql<string>`ctid::text`,
  version: sql<string>`lpad(to_hex(hashtextextended(row('page'::text, id, xmin, ctid)::text, 0)), 16, '0')`,
}
const inOneTransaction: {
  readonly xmin: string
  readonly ctid: string
  readonly version: string
}[] = []

const tagged = /^"[0-9a-f]{16}\.[\w-]{8}"$/
const version = /^[0-9a-f]{16}$/

eachDatabase((kind, open) => {
  let faces: Faces
  beforeAll(async () => {
    faces = await openFaces(await open({ relations }), tables, declaration)
  })
  beforeEach(async () => {
    for (const table of ['marks', 'labels', 'pages', 'entries', 'stamps'])
      await faces.sql(`delete from ${table}`)
    await faces.sql(
      `insert into pages values (1, 'First', 'ann', 'hush', 1), (2, 'Second', 'ann', null, 2), (3, 'Hidden', 'ann', null, 100)`,
    )
    await faces.sql(`insert into labels values ('a', 'x', 1), ('a', 'y', 1)`)
    await faces.sql(`insert into marks values (1, 'a', 'y')`)
    await faces.sql('insert into entries values (1, 10, 7)')
    await faces.sql(`insert into stamps values (1, 'one', null)`)
  })

  const versionOf = async (id = 1): Promise<string> =>
    (await faces.graphql(`{ page(id: ${id}) { version } }`)).body.data.page.version
  const tagOf = async (path = 'pages/1?fields=id,title', as?: string): Promise<string> =>
    (await faces.rest(`GET /api/${path}`, as === undefined ? {} : { as })).headers['etag'] ?? ''
  const patch = (
    headers: Readonly<Record<string, string>>,
    as = 'ann',
    path = 'pages/1',
    body: object = { hits: 5 },
  ) => faces.rest(`PATCH /api/${path}`, { as, headers, body })
  const update = (ifVersion: unknown, as = 'ann', id = 1) =>
    faces.graphql(
      'mutation ($v: String, $id: Int!) { updatePage(id: $id, ifVersion: $v, input: { hits: 6 }) { hits version } }',
      { as, variables: { v: ifVersion, id } },
    )

  describe('the version of a row', () => {
    test('is the same on both faces, in every place where the row is read', async () => {
      const one = await versionOf()
      expect(one).toMatch(version)
      expect(await tagOf()).toMatch(tagged)
      expect((await tagOf()).slice(1, 17)).toBe(one)
      const { data } = (
        await faces.graphql(
          `{ pages { nodes { id version labels { nodes { word version page { version } } } mark { word version } } edges { node { version } } } }`,
        )
      ).body
      expect(data.pages.nodes[0]).toMatchObject({
        id: 1,
        version: one,
        labels: { nodes: [{ page: { version: one } }, { word: 'y' }] },
      })
      expect(data.pages.edges[0].node.version).toBe(one)
      const label = (await faces.graphql('{ label(book: "a", word: "y") { version } }')).body.data
        .label.version
      expect(data.pages.nodes[0].labels.nodes[1].version).toBe(label)
      expect(data.pages.nodes[0].mark).toEqual({ word: 'y', version: label })
      expect(
        (
          await faces.graphql(
            'query ($id: ID!) { node(nodeId: $id) { ... on Page { version } } }',
            { variables: { id: Buffer.from('["Page",1]').toString('base64url') } },
          )
        ).body.data.node.version,
      ).toBe(one)
    })

    test('differs from that of another row written in the same transaction', async () => {
      const { pages: seen, labels: others } = (
        await faces.graphql('{ pages { nodes { version } } labels { nodes { version } } }')
      ).body.data
      expect(
        new Set([...seen.nodes, ...others.nodes].map((node: { version: string }) => node.version))
          .size,
      ).toBe(4)
    })

    test('changes with every write, and a write answers the version of the next read', async () => {
      const seen = [await versionOf()]
      for (const value of [1, 1, 2]) {
        const written = (
          await faces.graphql(
            `mutation { updatePage(id: 1, input: { hits: ${value} }) { version } }`,
            { as: 'ann' },
          )
        ).body.data.updatePage.version
        expect(await versionOf()).toBe(written)
        seen.push(written)
      }
      const reply = await patch({}, 'ann', 'pages/1?fields=id,title')
      expect(reply.headers['etag']).toBe(await tagOf())
      seen.push(await versionOf())
      expect(new Set(seen).size).toBe(5)
      const created = await faces.rest('POST /api/labels', { body: { book: 'b', word: 'z' } })
      expect(created.headers['etag']).toBe(await tagOf('labels/b,z'))
      expect(
        (
          await faces.graphql(
            'mutation { createLabel(input: { book: "c", word: "z", pageId: 1 }) { version page { id } } }',
          )
        ).body.data.createLabel.version,
      ).toBe(
        (await faces.graphql('{ label(book: "c", word: "z") { version } }')).body.data.label
          .version,
      )
    })

    test('changes when one transaction changes a row twice, though xmin stays the same', async () => {
      inOneTransaction.length = 0
      const { data } = (await faces.graphql('mutation { twice { version } }')).body
      const [seen, then] = inOneTransaction
      expect(seen?.xmin).toBe(then?.xmin)
      expect(seen?.ctid).not.toBe(then?.ctid)
      expect(data.twice.version).toBe(then?.version)
      expect(seen?.version).not.toBe(then?.version)
    })

    test('differs after each of two changes in one document', async () => {
      const { data } = (
        await faces.graphql(
          'mutation { a: updatePage(id: 1, input: { hits: 5 }) { version } b: updatePage(id: 1, input: { hits: 5 }) { version } }',
          { as: 'ann' },
        )
      ).body
      expect(new Set([data.a.version, data.b.version]).size).toBe(2)
      expect(await versionOf()).toBe(data.b.version)
    })

    test('is the old one after a write that was rolled back', async () => {
      const before = await versionOf()
      expect(
        faultOf(
          await faces.graphql(
            'mutation { updatePage(id: 1, input: { hits: 6, author: "ben" }) { id } }',
            { as: 'ann' },
          ),
        ),
      ).toEqual(['FORBIDDEN'])
      expect(await versionOf()).toBe(before)
    })
  })

  describe('a declared column', () => {
    const entry = async () =>
      (await faces.graphql('{ entry(id: 1) { amount revision etag } }')).body.data.entry
    test('is increased by every update, and is the version', async () => {
      const before = await entry()
      expect(before.revision).toBe('7')
      const written = (
        await faces.graphql(
          'mutation ($v: String) { updateEntry(id: 1, ifVersion: $v, input: { amount: 11 }) { revision etag } }',
          { variables: { v: before.etag } },
        )
      ).body.data.updateEntry
      expect(written).toEqual({ revision: '8', etag: (await entry()).etag })
      expect(written.etag).not.toBe(before.etag)
      expect((await faces.rest('POST /api/entries', { body: { id: 2, amount: 1 } })).body).toEqual({
        id: 2,
        amount: 1,
        revision: '1',
      })
    })

    test('is in no input', async () => {
      expect(
        faultOf(
          await faces.rest('POST /api/entries', { body: { id: 2, amount: 1, revision: '5' } }),
        ),
      ).toEqual(['VALIDATION_FAILED', 'input revision unknown_member'])
      expect(
        faultOf(
          await patch({ 'if-match': `"${(await entry()).etag}"` }, 'ann', 'entries/1', {
            revision: '5',
          }),
        ),
      ).toEqual(['VALIDATION_FAILED', 'input revision unknown_member'])
    })

    test('of time advances by at least a microsecond, and may be hidden', async () => {
      const change = async () =>
        (await faces.graphql('mutation { updateStamp(id: 1, input: { name: "two" }) { version } }'))
          .body.data.updateStamp.version
      const seen = [
        (await faces.graphql('{ stamp(id: 1) { version } }')).body.data.stamp.version,
        await change(),
        await change(),
      ]
      expect(new Set(seen).size).toBe(3)
      await faces.sql(`update stamps set changed = '2100-01-01 00:00:00+00'`)
      await change()
      expect(
        await faces.sql(
          `select to_char(changed at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') from stamps`,
        ),
      ).toEqual([['2100-01-01 00:00:00.000001']])
    })

    test('can be required, and then an update and a delete must name a version', async () => {
      const required = ['PRECONDITION_REQUIRED']
      const without = await patch({}, 'ann', 'entries/1', { amount: 1 })
      expect([without.status, ...faultOf(without)]).toEqual([428, ...required])
      expect(
        faultOf(
          await faces.graphql('mutation { updateEntry(id: 1, input: { amount: 1 }) { id } }'),
        ),
      ).toEqual(required)
      expect(faultOf(await faces.rest('DELETE /api/entries/1'))).toEqual(required)
      expect(faultOf(await faces.graphql('mutation { deleteEntry(id: 1) { id } }'))).toEqual(
        required,
      )
      expect(faultOf(await patch({ 'if-match': '*' }, 'ann', 'entries/1', { amount: 1 }))).toEqual(
        required,
      )
      expect(
        faultOf(await patch({ 'if-match': '"x"' }, 'ann', 'entries/1', { amount: 1 })),
      ).toEqual(['PRECONDITION_FAILED'])
      expect(faultOf(await patch({}, 'ann', 'entries/77', { amount: 1 }))).toEqual(required)
      expect(faultOf(await patch({}, 'ann', 'entries/1', { amount: 'x' }))).toEqual([
        'VALIDATION_FAILED',
        'input amount wrong_type',
      ])
      expect(
        (
          await faces.rest('DELETE /api/entries/1', {
            headers: { 'if-match': `"${(await entry()).etag}"` },
          })
        ).status,
      ).toBe(204)
    })
  })

  describe('a conditional write', () => {
    test('accepts the version of either face, once', async () => {
      const [tag, before] = [await tagOf(), await versionOf()]
      for (const ask of [
        () => update(before),
        () => update(tag.slice(1, -1)),
        () => patch({ 'if-match': tag }),
        () => patch({ 'if-match': `"${before}"` }),
      ]) {
        await faces.sql('update pages set hits = hits')
        expect(faultOf(await ask())).toEqual(['PRECONDITION_FAILED'])
      }
      const now = async () => [await tagOf(), await versionOf()] as const
      expect((await update((await now())[1])).body.data.updatePage.hits).toBe(6)
      expect((await update((await now())[0].slice(1, -1))).body.data.updatePage.hits).toBe(6)
      expect((await patch({ 'if-match': (await now())[0] })).status).toBe(200)
      expect((await patch({ 'if-match': `"${(await now())[1]}"` })).status).toBe(200)
      expect((await patch({ 'if-match': `"other" , W/"weak",, ${(await now())[0]}` })).status).toBe(
        200,
      )
      expect((await patch({ 'if-match': '*' })).status).toBe(200)
    })

    test('is checked after read and write policies, on both faces alike, the second time too', async () => {
      for (let round = 0; round < 2; round += 1) {
        for (const [id, as, code] of [
          [77, 'ann', 'NOT_FOUND'],
          [3, 'ann', 'NOT_FOUND'],
          [1, 'ben', 'FORBIDDEN'],
          [1, 'ann', 'PRECONDITION_FAILED'],
        ] as const) {
          const other = await versionOf(2)
          expect(faultOf(await update(other, as, id)), `${as} ${id}`).toEqual([code])
          const reply = await patch({ 'if-match': `"${other}"` }, as, `pages/${id}`)
          expect(faultOf(reply), `${as} ${id}`).toEqual([code])
          expect(
            faultOf(
              await faces.rest(`DELETE /api/pages/${id}`, {
                as,
                headers: { 'if-match': `"${other}"` },
              }),
            ),
          ).toEqual([code])
          expect(
            faultOf(
              await faces.graphql(
                `mutation { deletePage(id: ${id}, ifVersion: "${other}") { id } }`,
                { as },
              ),
            ),
          ).toEqual([code])
        }
        expect((await update(await versionOf())).body.data.updatePage.hits).toBe(6) // leaves a prepared write behind
      }
      expect(await faces.sql('select count(*) from pages')).toEqual([['3']])
    })

    test('works with a selection that one statement cannot answer', async () => {
      const change = (ifVersion: string) =>
        faces.graphql(
          `mutation { updatePage(id: 1, ifVersion: "${ifVersion}", input: { hits: 7 }) { shout version labels { totalCount } } }`,
          { as: 'ann' },
        )
      const before = await versionOf()
      expect((await change(before)).body.data.updatePage).toEqual({
        shout: 'FIRST',
        version: await versionOf(),
        labels: { totalCount: 2 },
      })
      expect(faultOf(await change(before))).toEqual(['PRECONDITION_FAILED'])
    })

    test('answers the tag that the next one needs, with the row or without', async () => {
      const first = await patch({ 'if-match': `"${await versionOf()}"`, prefer: 'return=minimal' })
      expect([first.status, first.headers['preference-applied']]).toEqual([204, 'return=minimal'])
      expect(first.headers['etag']).toMatch(/^"[0-9a-f]{16}"$/)
      const second = await patch(
        { 'if-match': first.headers['etag'] ?? '' },
        'ann',
        'pages/1?fields=hits',
      )
      expect([second.status, second.headers['etag']]).toEqual([200, expect.stringMatching(tagged)])
      expect(
        (await patch({ 'if-match': second.headers['etag'] ?? '' })).headers['etag'],
      ).toBeUndefined() // shout is computed
      expect(
        (
          await faces.rest('DELETE /api/pages/1?fields=id', {
            as: 'ann',
            headers: { prefer: 'return=representation', 'if-match': `"${'f'.repeat(16)}"` },
          })
        ).status,
      ).toBe(412)
    })

    test('with a weak tag never matches, and the message says why', async () => {
      const weak = await tagOf('pages/1')
      expect(weak).toMatch(/^W\//)
      const reply = await patch({ 'if-match': weak })
      expect([reply.status, reply.body.code]).toEqual([412, 'PRECONDITION_FAILED'])
      expect(reply.body.detail).toContain('A weak tag never holds')
      expect((await patch({ 'if-match': `W/${await tagOf()}` })).status).toBe(412)
    })

    test('that cannot be parsed, or is on a resource without versions, is refused', async () => {
      for (const given of ['x', '"a" "b"', '', '"a', ','])
        expect(faultOf(await patch({ 'if-match': given })), given).toEqual([
          'BAD_REQUEST',
          'document if-match malformed_header',
        ])
      expect(faultOf(await update(null))).toEqual(['VALIDATION_FAILED', 'key ifVersion wrong_type'])
      expect(faultOf(await update(5))).toEqual(['VALIDATION_FAILED', 'key ifVersion wrong_type'])
      expect(faultOf(await update(undefined))).toEqual([
        'VALIDATION_FAILED',
        'key ifVersion required',
      ])
      expect(faultOf(await update('no \0 version'))).toEqual(['PRECONDITION_FAILED'])
      for (const [what, header] of [
        ['GET /api/pages/1', 'if-match'],
        ['POST /api/labels', 'if-match'],
        ['GET /api/pages', 'if-match'],
        ['POST /api/twice', 'if-match'],
        ['PATCH /api/pages/1', 'if-none-match'],
      ] as const) {
        expect(
          faultOf(
            await faces.rest(what, {
              as: 'ann',
              headers: { [header]: '"x"' },
              ...(what.startsWith('GET') ? {} : { body: {} }),
            }),
          ),
          what,
        ).toEqual(['BAD_REQUEST', `document ${header} unkept_header`])
      }
      for (const header of ['if-match', 'if-unmodified-since']) {
        expect(
          faultOf(
            await faces.graphql('mutation { updatePage(id: 1, input: { hits: 7 }) { hits } }', {
              as: 'ann',
              headers: { [header]: '"x"' },
            }),
          ),
        ).toEqual(['BAD_REQUEST', `document ${header} unkept_header`])
      }
      expect(
        (
          await faces.graphql(
            'mutation ($v: String = null) { updatePage(id: 1, ifVersion: $v, input: { hits: 7 }) { hits } }',
            { as: 'ann' },
          )
        ).body.data,
      ).toEqual({ updatePage: null })
      expect((await faces.rest('GET /api/pages/1')).body.hits).toBe(1)
      expect(faultOf(await faces.graphql('{ title(id: 1) { version } }'))).toEqual([
        'BAD_REQUEST',
        'fields version unknown_member',
      ])
    })
  })

  describe('the tag of a row', () => {
    test('differs for other fields, with the same version in it', async () => {
      const tags = [
        await tagOf('pages/1?fields=id'),
        await tagOf('pages/1?fields=title'),
        await tagOf('pages/1?fields=id,title'),
        await tagOf('pages/1?fields=title,id'),
      ]
      expect(new Set(tags).size).toBe(3)
      expect(new Set(tags.map((tag) => tag.slice(1, 17))).size).toBe(1)
    })

    test('is strong where it depends on the row alone, and else weak', async () => {
      expect(await tagOf('labels/a,x')).toMatch(tagged)
      expect(await tagOf('pages/1?fields=id,secret', 'staff')).toMatch(tagged)
      for (const path of [
        'pages/1',
        'pages/1?fields=shout',
        'labels/a,x?include=page',
        'labels',
        'pages/1/labels',
        'titles/1',
      ])
        expect(await tagOf(path), path).toMatch(/^W\/"/)
    })

    test('answers 304 for the known row, and 200 after a change', async () => {
      const tag = await tagOf()
      const again = () =>
        faces.rest('GET /api/pages/1?fields=id,title', {
          headers: { 'if-none-match': `"x", ${tag}` },
        })
      const known = await again()
      expect([
        known.status,
        known.text,
        known.headers['etag'],
        known.headers['cache-control'],
        known.headers['vary'],
      ]).toEqual([304, '', tag, 'no-cache', 'Authorization, X-API-Key, Accept'])
      expect(
        (
          await faces.rest('HEAD /api/pages/1?fields=id,title', {
            headers: { 'if-none-match': tag },
          })
        ).status,
      ).toBe(304)
      await patch({})
      expect((await again()).status).toBe(200)
    })
  })

  test('versions of rows without xmin are refused at start', async () => {
    await faces.sql('create table parted (id int primary key) partition by range (id)')
    const parted = pgTable('parted', { id: integer().primaryKey() })
    const words = declare({ relations: defineRelations({ parted }) })
    const openWith = (rules: { readonly version?: false }) =>
      openGateway(
        {
          name: 'Parted',
          relations: words.resource('parted', { access: {} }).vocabulary.relations,
          resources: {
            part: words.resource('parted', { access: { read: words.access.everyone }, ...rules }),
          },
        },
        readConfig(
          {
            DATABASE_URL: 'pglite:memory',
            LOG_LEVEL: 'fatal',
            JWT_SECRET: 'a-secret-of-tests-that-is-long-enough',
          },
          'development',
        ),
        { database: faces.database },
      )
    await expect(openWith({})).rejects.toThrow(
      'resources.part.version is not given, and the database has a partitioned table there',
    )
    await (await openWith({ version: false })).app.close()
  })

  test(
    'of 100 writers with the same version, half on each face, one wins each round',
    { timeout: 60_000 },
    async () => {
      for (let round = 0; round < 5; round += 1) {
        const before = await versionOf()
        const writers = Array.from({ length: 100 }, (_, i) =>
          i % 2 === 0
            ? // every other one selects more than a single statement can answer
              faces
                .graphql(
                  `mutation ($v: String!) { updatePage(id: 1, ifVersion: $v, input: { hits: 9 }) { version ${i % 4 === 0 ? 'labels { totalCount }' : ''} } }`,
                  { as: 'ann', variables: { v: before } },
                )
                .then((reply) => ({
                  won: reply.body.errors === undefined,
                  code: faultOf(reply)[0],
                  version: reply.body.data?.updatePage?.version,
                }))
            : patch({ 'if-match': `"${before}"` }, 'ann', 'pages/1?fields=hits', { hits: 9 }).then(
                (reply) => ({
                  won: reply.status === 200,
                  code: faultOf(reply)[0],
                  version: reply.headers['etag']?.slice(1, 17),
                }),
              ),
        )
        const outcomes = await Promise.all(writers)
        const winners = outcomes.filter(({ won }) => won)
        expect(winners, `${kind}, round ${round}`).toHaveLength(1)
        expect(new Set(outcomes.filter(({ won }) => !won).map(({ code }) => code))).toEqual(
          new Set(['PRECONDITION_FAILED']),
        )
        expect(winners[0]?.version).toBe(await versionOf())
      }
    },
  )
})
