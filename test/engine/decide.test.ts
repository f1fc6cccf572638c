// Faulty policies of a team, and claims that no column can hold: they refuse, and are never reported as the caller's fault.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, smallint, text, uuid } from 'drizzle-orm/pg-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Database } from '../../src/db/database.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { onDatabase } from '../support/databases.ts'
import { createTables, select, signedIn, type Fixture, fixtureOf } from './support.ts'

const files = pgTable('files', {
  id: integer().primaryKey(),
  owner: uuid(),
  room: smallint(),
  tag: text(),
})
const relations = defineRelations({ files })
const caller = z.object({ owner: z.unknown(), room: z.unknown(), tag: z.unknown() }).partial()
const { resource, operation, access } = declare({ relations, caller })
const id = '00000000-0000-0000-0000-000000000001'

/** Its filter is in a getter of its class, so its JSON is `{}`. */
class Tagged {
  get tag(): unknown {
    return { eq: 'x' }
  }
}

onDatabase('pglite', (open) => {
  let database: Database
  beforeAll(async () => {
    database = await open({ relations })
    await createTables(database, { files })
    await database.query({
      text: "insert into files values (1, $1, 5, 'x'), (2, null, null, null)",
      values: [id],
    })
  })

  const reading = (
    read: NonNullable<Parameters<typeof resource<'files'>>[1]['access']['read']>,
  ): Fixture =>
    fixtureOf(database, {
      name: 'Files',
      relations,
      resources: { file: resource('files', { access: { read } }) },
    })
  const seen = async (fixture: Fixture, claims: object): Promise<unknown> =>
    (
      await fixture.page('files', { selection: select('id'), caller: signedIn({ ...claims }) })
    ).rows.map((row) => row['id'])

  describe('a claim of another kind than its column', () => {
    test.each<[string, 'owner' | 'room' | 'tag', unknown, unknown]>([
      ['a uuid', 'owner', id, [1]],
      ['a uuid in capitals', 'owner', id.toUpperCase(), [1]],
      ['a number', 'room', 5, [1]],
      ['a number as text', 'room', '5', [1]],
      ['text', 'tag', 'x', [1]],
      ['a number of no row', 'room', 40_000, []],
      ['a number for text', 'tag', 5, []],
    ])('%s is compared', async (_, column, claim, ids) => {
      expect(await seen(reading(access.owner(column, column)), { [column]: claim })).toEqual(ids)
    })

    test.each<[string, 'owner' | 'room' | 'tag', unknown]>([
      ['no uuid', 'owner', 'x'],
      ['text that is not a number', 'room', 'five'],
      ['empty text for a number', 'room', ''],
      ['a list', 'owner', [id]],
      ['an object', 'tag', { eq: 'x' }],
      ['a truth', 'room', true],
      ['text that cannot be stored', 'tag', 'a\0b'],
      ['null', 'tag', null],
    ])('%s is no', async (_, column, claim) => {
      const fixture = reading(access.owner(column, column))
      expect(
        await fixture.problem('files', { caller: signedIn({ [column]: claim }) }),
      ).toMatchObject({ code: 'FORBIDDEN', issues: [] })
    })
  })

  describe('a filter made of a missing claim', () => {
    test.each<[string, (tag: unknown) => unknown]>([
      ['in a comparison', (tag) => ({ tag: { eq: tag } })],
      ['in place of a comparison', (tag) => ({ tag })],
      ['in a list', (tag) => ({ OR: [{ tag: { eq: 'x' } }, { tag: { eq: tag } }] })],
      ['in a list of values', (tag) => ({ tag: { in: [tag] } })],
      ['in a negation', (tag) => ({ NOT: { tag: { eq: tag } } })],
    ])('%s shows nothing', async (_, filter) => {
      const fixture = reading(({ claims }) => filter(claims.tag) as never)
      await expect(seen(fixture, {})).rejects.toThrow(
        /A policy of file gave a wrong filter: .*undefined; answer false where a claim is missing/,
      )
    })

    test.each<[string, () => unknown]>([
      ['an empty filter', () => ({})],
      ['a promise', () => Promise.resolve(true)],
      ['nothing', () => undefined],
      ['null', () => null],
      ['text', () => 'yes'],
      ['a number', () => 1],
      ['a list', () => []],
      ['an unknown column', () => ({ colour: { eq: 'red' } })],
      ['a class', () => new Tagged()],
      ['a member of a class', () => ({ OR: [new Tagged()] })],
      ['a list of a class', () => ({ tag: { in: class extends Array<string> {}.of('x') } })],
      ['a getter', () => Object.defineProperty({}, 'tag', { enumerable: true, get: () => 'x' })],
      ['a member that JSON skips', () => Object.defineProperty({}, 'tag', { value: { eq: 'x' } })],
      ['a function', () => ({ tag: { eq: 'x', toJSON: () => 'y' } })],
    ])('%s is no yes', async (_, answer) => {
      await expect(seen(reading(answer as never), {})).rejects.toThrow(
        'A policy of file gave a wrong filter',
      )
    })
  })

  test('any, all and not of yes, no and filters', async () => {
    const x = { tag: { eq: 'x' } }
    const all = [1, 2]
    const { everyone, nobody } = access
    const cases: readonly [Parameters<typeof reading>[0], unknown][] = [
      [access.any<'files'>(nobody, x), [1]],
      [access.any<'files'>(x, everyone), all],
      [access.all<'files'>(everyone, x), [1]],
      [access.not<'files'>(x), []],
      [access.not<'files'>(access.all<'files'>(x, nobody)), all],
      [access.any<'files'>(x, { tag: { isNull: true } }), all],
      [access.all<'files'>(x, { tag: { isNull: true } }), []],
      [access.not<'files'>(access.not<'files'>(x)), [1]],
      [access.signedIn, all],
      [() => true, all],
    ]
    for (const [policy, ids] of cases) expect(await seen(reading(policy), {})).toEqual(ids)
    for (const closed of [access.not<'files'>(everyone), access.role('staff'), () => false]) {
      expect(await reading(closed).problem('files', { caller: signedIn() })).toMatchObject({
        code: 'FORBIDDEN',
      })
      expect(await reading(closed).problem('files')).toMatchObject({
        code: 'UNAUTHENTICATED',
        headers: { 'www-authenticate': 'Bearer' },
      })
    }
  })

  test('an operation whose policy returns a filter is closed, and an output that breaks its schema is not revealed', async () => {
    const ask = (allowed: unknown, answer: unknown): Fixture =>
      fixtureOf(database, {
        name: 'Files',
        relations,
        resources: { file: resource('files', { access: { read: access.everyone } }) },
        operations: {
          tell: operation({
            kind: 'query',
            rest: 'GET /tell',
            access: allowed as never,
            output: z.object({ secret: z.string().max(3) }),
            handle: async () => answer as never,
          }),
        },
      })
    expect(await ask(() => true, { secret: 'abc' }).value('tell', { selection: null })).toEqual({
      secret: 'abc',
    })
    expect(
      await ask(() => ({ id: { eq: 1 } }), { secret: 'abc' }).problem('tell', { selection: null }),
    ).toMatchObject({ code: 'UNAUTHENTICATED' })
    await expect(
      ask(() => true, { secret: 'abcd' }).value('tell', { selection: null }),
    ).rejects.toThrow('tell answered what its output does not allow: secret')
  })
})
