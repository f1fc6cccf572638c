// What a refused request would have cost is not told: it is given back, regardless of what the request names.
import { beforeAll, describe, expect, test } from 'vitest'
import { declare } from '../../src/schema/declare/declare.ts'
import { gateway } from '../../src/server/gateway.ts'
import { type Faces, openFaces } from '../faces/http.ts'
import { onDatabase } from '../support/databases.ts'
import { leftOf, normalized } from './hidden-names-support.ts'
import { relations, tables } from './docs-and-notes.ts'

const { resource, access } = declare({ relations })
const { everyone, role } = access
const staff = role('staff')

/** Notes are hidden from the caller, and a verb of documents is denied. */
const refusing = gateway({
  name: 'Refusing',
  relations,
  resources: {
    doc: resource('docs', {
      access: { read: everyone, create: staff, update: staff, delete: staff },
      writes: ['updateMany', 'deleteMany'],
    }),
    note: resource('notes', { access: { read: staff } }),
  },
})

const json = (value: unknown): string => encodeURIComponent(JSON.stringify(value))

onDatabase('pglite', (open) => {
  describe('a verb that is denied', () => {
    const as = { as: 'ann' } // the RateLimit field shows a signed-in caller how many points are left
    let faces: Faces
    beforeAll(async () => {
      faces = await openFaces(await open(), tables, refusing, {
        INTROSPECTION: 'false',
        COST_BUDGET: '100000',
      })
      await faces.sql("insert into docs values (1, 'a')")
      await faces.rest('GET /api/docs?limit=1', as) // from now on answers say what is left
    })

    const where = (name: string): string => json({ [name]: { some: { id: { gt: 0 } } } })
    const change = { name: 'b' }
    const asked: [string, (name: string) => string, unknown?][] = [
      ['delete by filter', (n) => `DELETE /api/docs?where=${where(n)}&atMost=50`],
      ['update by filter', (n) => `PATCH /api/docs?where=${where(n)}&atMost=50`, change],
      ['create', (n) => `POST /api/docs?include=${n}`, { id: 9, name: 'x' }],
      ['update', (n) => `PATCH /api/docs/1?include=${n}`, change],
      ['update of no row', (n) => `PATCH /api/docs/99?fields=${n}.id`, change],
    ]
    test.each(asked)(
      'costs nothing, regardless of what is named: %s',
      async (_title, what, body) => {
        const ask = (name: string) =>
          faces.rest(what(name), body === undefined ? as : { ...as, body })
        const [before, hidden, unknown] = [
          await ask('zotes'),
          await ask('notes'),
          await ask('zotes'),
        ]
        expect(hidden.status).toBe(403)
        expect(normalized(hidden, 'notes')).toBe(normalized(unknown, 'zotes'))
        expect([leftOf(hidden), leftOf(unknown)]).toEqual([leftOf(before), leftOf(before)])
        expect(leftOf(hidden)).toBeGreaterThan(0)
      },
    )

    test('costs nothing as the first of a batch either', async () => {
      const ask = (name: string) =>
        faces.rest('POST /api/batch', {
          ...as,
          body: {
            requests: [{ method: 'PATCH', path: `/api/docs/1?include=${name}`, body: change }],
          },
        })
      const [before, hidden, unknown] = [await ask('zotes'), await ask('notes'), await ask('zotes')]
      expect(normalized(hidden, 'notes')).toBe(normalized(unknown, 'zotes'))
      expect([leftOf(hidden), leftOf(unknown)]).toEqual([leftOf(before), leftOf(before)])
    })
  })
})
