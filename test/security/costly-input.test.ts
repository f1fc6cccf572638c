// Input that is costly to read: large bodies, many fields of one name, variables in many places.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Faces, openFaces } from '../faces/http.ts'
import { onDatabase } from '../support/databases.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { gateway } from '../../src/server/gateway.ts'
import { relations, tables } from './docs-and-notes.ts'
import { leftOf } from './hidden-names-support.ts'
import { z } from 'zod'

const { resource, access } = declare({ relations, caller: z.object({}) })
const declaration = gateway({
  name: 'Documents',
  relations,
  resources: {
    doc: resource('docs', { access: { read: access.everyone, create: access.everyone } }),
    note: resource('notes', { access: { read: access.everyone } }),
  },
})

onDatabase('pglite', (open) => {
  let faces: Faces
  beforeAll(async () => {
    const env = { COST_BUDGET: '200', TRUST_PROXY: 'loopback' }
    faces = await openFaces(await open(), tables, declaration, env)
  })
  afterAll(() => faces.app.close())
  /** A caller by the last number of its address. */
  const from = (number: number) => ({ headers: { 'x-forwarded-for': `192.0.2.${number}` } })

  describe('the bytes of a body cost points, which are not given back', () => {
    const ofSize = (bytes: number): unknown => ({ id: 'x'.repeat(bytes) }) // refused by its type

    test.each<[string, string]>([
      ['REST', 'POST /api/docs'],
      ['GraphQL', 'POST /graphql'],
    ])('on %s', async (_face, what) => {
      const [large, small] = what.includes('graphql') ? [1, 2] : [3, 4]
      const refused = await faces.rest(what, { ...from(large), body: ofSize(80 * 1024) })
      expect(refused.status).toBeGreaterThanOrEqual(400)
      expect([194, 195]).toContain(leftOf(refused)) // a write that fails pays its point
      const free = await faces.rest(what, { ...from(small), body: ofSize(8 * 1024) })
      expect(leftOf(free) < 199).toBe(false) // no number where nothing was taken
    })

    test('a write that needs a whole window still finds it', async () => {
      const body = Array.from({ length: 100 }, (_, i) => ({ id: i, name: 'x'.repeat(400) }))
      const twice = {
        requests: [0, 1].map((of) => ({
          method: 'POST',
          path: '/api/docs/batch',
          body: body.map((row) => ({ ...row, id: row.id + 100 * of })),
        })),
      }
      const answer = await faces.rest('POST /api/batch', { ...from(20), body: twice })
      expect(answer.status, answer.text.slice(0, 300)).toBe(200) // 200 points for rows, and some for 80 KB
    })

    test('and is not read where there are none left', async () => {
      const body = ofSize(900 * 1024)
      const answers = []
      for (let i = 0; i < 4; i += 1)
        answers.push(await faces.rest('POST /api/docs', { ...from(5), body }))
      expect(answers.map(({ status }) => status)).toEqual([422, 422, 422, 429])
      expect(answers[3]?.body.code).toBe('RATE_LIMITED')
    })
  })

  const codeOf = ({ body }: Awaited<ReturnType<Faces['graphql']>>): string | undefined =>
    body.errors?.[0].extensions.code

  describe('fields of one name at one place', () => {
    const fifty = 'doc { name } '.repeat(50)
    test.each<[string, string]>([
      ['in one selection', `{ notes { nodes { ${fifty} doc { name } } } }`],
      ['without fields below', `{ docs { nodes { ${'id '.repeat(51)} } } }`],
      [
        'through fragments',
        `{ notes { nodes { ${fifty} ...F } } } fragment F on Note { doc { name } }`,
      ],
      [
        'in parts that are merged',
        `{ ${'notes { nodes { doc { id doc: id } } } '.repeat(26).replaceAll('doc: id', 'id')} }`,
      ],
      [
        'in a fragment that nothing uses',
        `{ docs { nodes { id } } } fragment F on Note { ${fifty} doc { name } }`,
      ],
    ])('%s: more than 50 are refused before they are compared', async (_where, query) => {
      const answer = await faces.graphql(query, from(6))
      expect(codeOf(answer), answer.text).toBe('TOO_COMPLEX')
      expect(answer.text).toMatch(/At one place, the document has \d+ fields of one name/)
    })

    test('50 of them are answered', async () => {
      const answer = await faces.graphql(`{ notes { nodes { ${fifty} } } }`, from(7))
      expect(answer.body.data).toEqual({ notes: { nodes: [] } })
    })

    test('a fragment within itself is told as one', async () => {
      const answer = await faces.graphql(
        '{ notes { nodes { ...F } } } fragment F on Note { doc { notes { nodes { ...F } } } }',
        from(8),
      )
      expect(answer.text).toMatch(/A fragment contains itself, or/)
    })

    test('fragments that repeat each other many times are refused', async () => {
      const fragments = Array.from(
        { length: 12 },
        (_, i) =>
          `fragment F${i} on Doc { notes { nodes { a: doc { ...F${i + 1} } b: doc { ...F${i + 1} } } } }`,
      )
      const answer = await faces.graphql(
        `{ docs { nodes { ...F0 } } } ${fragments.join(' ')} fragment F12 on Doc { id }`,
        from(9),
      )
      expect(codeOf(answer), answer.text).toBe('TOO_COMPLEX')
    })
  })

  describe('variables that are used several times', () => {
    const uses = (times: number) =>
      `query ($w: DocFilter!) { docs(where: { OR: [${'$w '.repeat(times)}] }) { nodes { ...F } } } fragment F on Doc { id }`
    const large = { w: { name: { eq: 'x'.repeat(100_000) } } }

    test('count as often', async () => {
      const answer = await faces.graphql(uses(40), { ...from(10), variables: large })
      expect(codeOf(answer)).toBe('TOO_COMPLEX')
      expect(answer.text).toMatch(
        /With its variables written out, the request has 4000240 characters/,
      )
    })

    test('through fragments too', async () => {
      const query = `query ($w: NoteFilter!) { ${Array.from({ length: 25 }, (_, i) => `a${i}: docs { nodes { ...F } }`).join(' ')} } fragment F on Doc { notes(where: $w) { nodes { id } } }`
      const answer = await faces.graphql(query, {
        ...from(11),
        variables: { w: { doc: { name: { eq: 'x'.repeat(100_000) } } } },
      })
      expect(answer.text).toMatch(/With its variables written out/)
    })

    test('are no matter where they are small', async () => {
      const answer = await faces.graphql(uses(40), {
        ...from(12),
        variables: { w: { name: { eq: 'x' } } },
      })
      expect(answer.body.data, answer.text).toEqual({ docs: { nodes: [] } })
    })
  })
})
