// Documents that clients list: executed by id, hash or text, as GRAPHQL_DOCUMENTS allows.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LightMyRequestResponse } from 'fastify'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { migrateDatabase } from '../../src/db/store/migrate.ts'
import { parseDocumentList } from '../../src/graphql/document/document-lists.ts'
import { type DocumentMode, listDocuments } from '../../src/graphql/document/listed-documents.ts'
import type { OutdatedDocument } from '../../src/graphql/document/prepare-listed.ts'
import { ConfigurationError } from '../../src/server/config/config.ts'
import { readDocumentFiles } from '../../src/server/config/document-files.ts'
import { anonymous } from '../../src/schema/declare/caller.ts'
import { type Library, openLibrary, staff } from './support.ts'

const hashOf = (text: string, by = 'sha256'): string => createHash(by).update(text).digest('hex')

const author = 'query Author($id: Int!) { author(id: $id) { name } }'
const write =
  'mutation Write($title: String!) { updateBook(id: 1, input: { title: $title }) { title } }'
const rewrite =
  'mutation Rewrite($title: String!) { updateBook(id: 2, input: { title: $title }) { title } }'
const outdatedText = 'query Old { authors { nodes { penName } } }'
const deep = `query Deep { ${Array.from({ length: 31 }, (_, i) => `a${i}: __typename`).join(' ')} }`

const lists = {
  codegen: { [hashOf(author, 'sha1')]: author, [hashOf(write, 'sha1')]: write },
  relay: { [hashOf(rewrite, 'md5')]: rewrite, old: outdatedText, deep },
  apollo: {
    format: 'apollo-persisted-query-manifest',
    version: 1,
    operations: [{ id: hashOf(author), name: 'Author', type: 'query', body: author }],
  },
}
const all = Object.entries(lists).flatMap(([file, list]) =>
  parseDocumentList(`${file}.json`, JSON.stringify(list)),
)

const outdated: OutdatedDocument[] = []
const libraries = new Map<DocumentMode, Library>()
beforeAll(async () => {
  for (const mode of ['any', 'known', 'trusted'] as const) {
    const onOutdated = (document: OutdatedDocument) => mode === 'any' && outdated.push(document)
    const library = await openLibrary({ listed: listDocuments(mode, all), onOutdated })
    await migrateDatabase(library.database) // for the records of Idempotency-Key
    libraries.set(mode, library)
  }
})
afterAll(() => Promise.all([...libraries.values()].map((library) => library.close())))
afterEach(() => {
  for (const library of libraries.values()) library.caller = anonymous
})

const libraryOf = (mode: DocumentMode): Library => {
  const library = libraries.get(mode)
  if (library === undefined) throw new Error(`no library ${mode}`)
  return library
}
const post = (
  mode: DocumentMode,
  payload: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<LightMyRequestResponse> =>
  libraryOf(mode).app.inject({ method: 'POST', url: '/graphql', headers: { ...headers }, payload })
const get = (mode: DocumentMode, query: Record<string, string>): Promise<LightMyRequestResponse> =>
  libraryOf(mode).app.inject({ method: 'GET', url: '/graphql', query })

const modes: readonly DocumentMode[] = ['any', 'known', 'trusted']
const ann = { data: { author: { name: 'Ann' } } }
const codeOf = (answer: LightMyRequestResponse): string =>
  answer
    .json<{ errors: { extensions: { code: string; issues?: { code: string }[] } }[] }>()
    .errors.map(({ extensions }) => `${extensions.code} ${extensions.issues?.[0]?.code}`)
    .join()

describe.each(modes)('in the mode %s', (mode) => {
  const variables = { id: 1 }

  it('executes a listed document by the id of its list', async () => {
    const byId = await post(mode, { documentId: hashOf(author, 'sha1'), variables })
    expect(byId.json()).toMatchObject(ann)
    const byGet = await get(mode, {
      documentId: hashOf(author, 'sha1'),
      variables: JSON.stringify(variables),
    })
    expect(byGet.json()).toMatchObject(ann)
  })

  it('executes it by its SHA-256, with a prefix or as Apollo sends it', async () => {
    const prefixed = await post(mode, { documentId: `sha256:${hashOf(author)}`, variables })
    expect(prefixed.json()).toMatchObject(ann)
    const persistedQuery = { version: 1, sha256Hash: hashOf(author) }
    const apollo = await post(mode, { extensions: { persistedQuery }, variables })
    expect(apollo.json()).toMatchObject(ann)
    const extensions = JSON.stringify({ persistedQuery })
    expect((await get(mode, { extensions, variables: '{"id":1}' })).json()).toMatchObject(ann)
  })

  it('knows no other id', async () => {
    const unknown = await post(mode, { documentId: 'no-such-document' })
    expect(codeOf(unknown)).toBe('PERSISTED_QUERY_NOT_FOUND unknown_document')
    for (const sha256Hash of [hashOf('{ authors { totalCount } }'), '', 'toString', '__proto__']) {
      const answer = await post(mode, {
        extensions: { persistedQuery: { version: 1, sha256Hash } },
      })
      expect(codeOf(answer)).toBe('PERSISTED_QUERY_NOT_FOUND unknown_document')
    }
    const long = await post(mode, { documentId: 'x'.repeat(100_000) })
    expect(long.body.length).toBeLessThan(1500)
  })

  it('executes no mutation by GET, whatever its id says', async () => {
    const answer = await get(mode, {
      documentId: hashOf(write, 'sha1'),
      variables: '{"title":"by GET"}',
    })
    expect(codeOf(answer)).toMatch(/^METHOD_NOT_ALLOWED/)
  })

  it('refuses a listed document that does not fit, with the faults that its text has', async () => {
    const answer = await post(mode, { documentId: 'old' })
    expect(codeOf(answer)).toBe('BAD_REQUEST unknown_member')
    const limited = await post(mode, { documentId: 'deep' })
    expect(codeOf(limited)).toBe('TOO_COMPLEX undefined')
  })

  it('takes one document for a request', async () => {
    const both = await post(mode, { query: author, documentId: hashOf(author, 'sha1') })
    expect(codeOf(both)).toBe('BAD_REQUEST repeated')
    expect(codeOf(await post(mode, {}))).toBe('BAD_REQUEST required')
    expect(codeOf(await post(mode, { documentId: 5 }))).toBe('BAD_REQUEST wrong_type')
    const wrong = { version: 2, sha256Hash: hashOf(author) }
    const version = await post(mode, { extensions: { persistedQuery: wrong } })
    expect(codeOf(version)).toBe('BAD_REQUEST wrong_type')
    const other = { version: 1, sha256Hash: hashOf(write) }
    const hash = await post(mode, { query: author, extensions: { persistedQuery: other } })
    expect(codeOf(hash)).toBe('BAD_REQUEST wrong_hash')
  })

  it('tells two listed mutations under one Idempotency-Key apart', async () => {
    libraryOf(mode).caller = staff
    const headers = { 'idempotency-key': `of-${mode}` }
    const first = { documentId: hashOf(write, 'sha1'), variables: { title: mode } }
    expect((await post(mode, first, headers)).json()).toMatchObject({
      data: { updateBook: { title: mode } },
    })
    const again = await post(
      mode,
      { documentId: `sha256:${hashOf(write)}`, variables: { title: mode } },
      headers,
    )
    expect(again.headers['idempotency-replayed']).toBe('true')
    const second = { documentId: hashOf(rewrite, 'md5'), variables: { title: mode } }
    expect(codeOf(await post(mode, second, headers))).toMatch(/^IDEMPOTENCY_MISMATCH/)
  })
})

describe('a text', () => {
  const variables = { id: 1 }
  const unlisted = 'query Unlisted { __typename }'

  it('is executed in the mode any', async () => {
    expect((await post('any', { query: unlisted })).json()).toMatchObject({
      data: { __typename: 'Query' },
    })
    const persistedQuery = { version: 1, sha256Hash: hashOf(unlisted) }
    const registered = await post('any', { query: unlisted, extensions: { persistedQuery } })
    expect(registered.json()).toMatchObject({ data: { __typename: 'Query' } })
    expect(codeOf(await post('any', { extensions: { persistedQuery } }))).toMatch(
      /^PERSISTED_QUERY_NOT_FOUND/,
    ) // a caller registers nothing
  })

  it('is executed in the mode known where a list has exactly it', async () => {
    expect((await post('known', { query: author, variables })).json()).toMatchObject(ann)
    for (const query of [unlisted, `${author} `, '{ __schema { types { name } } }'])
      expect(codeOf(await post('known', { query }))).toBe('BAD_REQUEST not_listed')
  })

  it('is not executed in the mode trusted', async () => {
    for (const query of [author, unlisted])
      expect(codeOf(await post('trusted', { query, variables }))).toBe('BAD_REQUEST not_listed')
  })
})

describe('at start', () => {
  it('names the listed documents that the schema or its limits do not allow', () => {
    expect(outdated.map(({ id, file, faults }) => ({ id, file, faults }))).toEqual([
      { id: 'old', file: 'relay.json', faults: [expect.stringContaining('penName')] },
      { id: 'deep', file: 'relay.json', faults: [expect.stringContaining('31 aliases')] },
    ])
  })

  it('refuses files that are no lists, and ids that stand for two documents', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bifrons-lists-'))
    const file = (name: string, content: string): string => {
      writeFileSync(join(folder, name), content)
      return join(folder, name)
    }
    try {
      const files = [
        file('one.json', '{"a":"{ __typename }"}'),
        file('two.json', '{"a":"query { __typename }"}'),
        file('no.json', '{'),
        file(
          'other.json',
          '{"format":"apollo-persisted-query-manifest","version":2,"operations":[]}',
        ),
        join(folder, 'absent.json'),
      ]
      const read = () =>
        readDocumentFiles({ graphqlDocuments: 'known', graphqlDocumentFiles: files })
      expect(read).toThrow(ConfigurationError)
      expect(read).toThrow(/under the id a: in .*one\.json and in .*two\.json/)
      expect(read).toThrow(/no\.json, but it is not JSON/)
      expect(read).toThrow(/other\.json, but it is neither/)
      expect(read).toThrow(/absent\.json, but there is no such file/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
