// Policies have three values: random policies, with a row and without, against an evaluator written here.
import { defineRelations } from 'drizzle-orm'
import { boolean, integer, pgTable, text } from 'drizzle-orm/pg-core'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { Database } from '../../src/db/database.ts'
import { startAuthorization } from '../../src/engine/authorize/authorization.ts'
import { evaluatePolicy } from '../../src/engine/authorize/evaluate-policy.ts'
import { Problem } from '../../src/errors.ts'
import { toPolicyNode } from '../../src/schema/declare/access.ts'
import { anonymous, type Caller } from '../../src/schema/declare/caller.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { ModelError } from '../../src/schema/declare/model-error.ts'
import { buildInputSchemas } from '../../src/schema/inputs/input-schemas.ts'
import { eachDatabase } from '../support/databases.ts'
import { createTables, select, signedIn, fixtureOf } from './support.ts'

const docs = pgTable('docs', { id: integer().primaryKey(), owner: text(), locked: boolean() })
const relations = defineRelations({ docs })
const { resource, operation, access } = declare({
  relations,
  caller: z.object({ user: z.string() }).partial(),
})

type Value = boolean | null
interface Row {
  readonly id: number
  readonly owner: string | null
  readonly locked: boolean | null
}
const owners = ['ann', 'ben', null]
const locks = [true, false, null]
const rows: readonly Row[] = owners.flatMap((owner, i) =>
  locks.map((locked, j) => ({ id: 3 * i + j, owner, locked })),
)

const callers = {
  anonymous: anonymous,
  'signed in without the claim': signedIn(),
  ann: signedIn({ user: 'ann' }),
  'staff without the claim': signedIn({}, 'staff'),
} as const satisfies Record<string, Caller>

/** A policy as it is written here. */
type Tree =
  | 'everyone'
  | 'nobody'
  | 'signedIn'
  | 'staff'
  | 'owner'
  | 'locked'
  | 'says yes'
  | 'says no'
  | 'says locked'
  | { readonly any: readonly Tree[] }
  | { readonly all: readonly Tree[] }
  | { readonly not: Tree }

const isLocked = { locked: { eq: true } }

function toPolicy(tree: Tree): unknown {
  if (typeof tree === 'string') {
    return {
      everyone: access.everyone,
      nobody: access.nobody,
      signedIn: access.signedIn,
      staff: access.role('staff'),
      owner: access.owner('owner', 'user'),
      locked: isLocked,
      'says yes': () => true,
      'says no': () => false,
      'says locked': () => isLocked,
    }[tree]
  }
  if ('not' in tree) return access.not(toPolicy(tree.not) as never)
  return 'any' in tree
    ? access.any(...(tree.any.map(toPolicy) as never[]))
    : access.all(...(tree.all.map(toPolicy) as never[]))
}

const equal = <T>(one: T | null | undefined, other: T | null | undefined): Value =>
  one == null || other == null ? null : one === other

/** Kleene's logic: yes, no, and null for unknown. */
// oxlint-disable-next-line complexity -- one arm for each kind of policy
function evaluate(tree: Tree, caller: Caller, row: Row | null): Value {
  const parts = (trees: readonly Tree[]): readonly Value[] =>
    trees.map((one) => evaluate(one, caller, row))
  if (typeof tree === 'object') {
    if ('not' in tree) {
      const value = evaluate(tree.not, caller, row)
      return value === null ? null : !value
    }
    const [values, decisive] = 'any' in tree ? [parts(tree.any), true] : [parts(tree.all), false]
    if (values.includes(decisive)) return decisive
    return values.includes(null) ? null : !decisive
  }
  switch (tree) {
    case 'everyone':
    case 'says yes':
      return true
    case 'nobody':
    case 'says no':
      return false
    case 'signedIn':
      return caller.via !== 'anonymous'
    case 'staff':
      return caller.roles.includes('staff')
    case 'owner':
      return equal(row?.owner, caller.claims['user'] as string | undefined) // the claim is a text here
    case 'locked':
    case 'says locked':
      return equal(row?.locked, true)
  }
}

const asksRows = (tree: Tree): boolean =>
  typeof tree === 'string'
    ? tree === 'owner' || tree === 'locked'
    : 'not' in tree
      ? asksRows(tree.not)
      : ('any' in tree ? tree.any : tree.all).some(asksRows)

const { tree: anyTree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Tree>(
      'everyone',
      'nobody',
      'signedIn',
      'staff',
      'owner',
      'locked',
      'says yes',
      'says no',
      'says locked',
    ),
    fc.record({ not: tie('tree') }),
    fc.record({ any: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ all: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
  ),
}))

/** Every way to put an unknown under a negation, in addition to the random trees. */
const fixed: readonly Tree[] = (['owner', 'locked', 'says locked'] as const).flatMap(
  (leaf): readonly Tree[] => [
    leaf,
    { not: leaf },
    { not: { not: leaf } },
    { not: { any: ['nobody', leaf] } },
    { not: { all: ['everyone', leaf] } },
    { any: ['staff', { not: leaf }] },
    { all: ['signedIn', { not: leaf }] },
    { not: { any: [leaf, 'staff'] } },
    { not: { all: [leaf, 'nobody'] } },
    { not: { all: [{ not: leaf }, 'says yes'] } },
  ],
)

test('without a row, only yes lets a caller in', () => {
  const file = resource('docs', { access: { read: access.everyone } })
  const { model } = fixtureOf({} as Database, { name: 'Docs', relations, resources: { file } }) // no statement is run
  const inner = buildInputSchemas(model, 'inner')
  fc.assert(
    fc.property(anyTree, (tree) => {
      for (const caller of Object.values(callers)) {
        expect(
          evaluatePolicy(startAuthorization(model, inner, caller), toPolicyNode(toPolicy(tree)), {
            place: 'here',
          }),
        ).toBe(evaluate(tree, caller, null) === true)
      }
    }),
    { numRuns: 2000, examples: fixed.map((tree) => [tree]) },
  )
})

test('a policy about rows is a mistake at any depth where there is no row', () => {
  fc.assert(
    fc.property(anyTree, (tree) => {
      const policy = toPolicy(tree) as never
      const file = resource('docs', {
        access: { read: access.everyone },
        fields: { locked: { write: policy } },
      })
      const tell = operation({
        kind: 'query',
        rest: 'GET /tell',
        access: policy,
        output: z.object({ ok: z.boolean() }),
        handle: async () => ({ ok: true }),
      })
      let mistakes: readonly string[] = []
      try {
        fixtureOf({} as Database, {
          name: 'Docs',
          relations,
          resources: { file },
          operations: { tell },
        }) // no statement is run
      } catch (error) {
        if (!(error instanceof ModelError)) throw error
        mistakes = error.mistakes
      }
      expect(mistakes).toEqual(
        asksRows(tree)
          ? [
              "file.fields.locked.write is about rows; a field's write policy asks about its caller only.",
              'operations.tell.access is about rows; an operation asks about its caller only.',
            ]
          : [],
      )
    }),
    { numRuns: 200, examples: fixed.map((tree) => [tree]) },
  )
})

eachDatabase((_kind, open) => {
  let database: Database
  beforeAll(async () => {
    database = await open({ relations })
    await createTables(database, { docs })
    for (const { id, owner, locked } of rows)
      await database.query({
        text: 'insert into docs values ($1, $2, $3)',
        values: [id, owner, locked],
      })
  })

  const idsOf = async (tree: Tree, caller: Caller): Promise<unknown> => {
    const file = resource('docs', {
      access: { read: access.everyone, update: access.any(toPolicy(tree) as never) },
    })
    const files = resource('docs', { access: { read: access.any(toPolicy(tree) as never) } })
    const fixture = fixtureOf(database, { name: 'Docs', relations, resources: { file: files } })
    try {
      const read = (await fixture.page('docs', { selection: select('id'), caller })).rows.map(
        (row) => row['id'],
      )
      await updates(file, caller, read)
      return read
    } catch (error) {
      if (
        error instanceof Problem &&
        (error.code === 'FORBIDDEN' || error.code === 'UNAUTHENTICATED')
      )
        return []
      throw error
    }
  }

  /** An update of the row, which changes nothing, is let through for exactly the same rows. */
  const updates = async (
    file: ReturnType<typeof resource>,
    caller: Caller,
    ids: readonly unknown[],
  ): Promise<void> => {
    const fixture = fixtureOf(database, { name: 'Docs', relations, resources: { file } })
    for (const { id, owner } of rows.filter((row) => row.locked === null)) {
      const written = await fixture
        .row('updateFile', { key: { id }, input: { owner }, selection: select('id'), caller })
        .then(
          () => true,
          (error: unknown) => {
            if (error instanceof Problem) return false
            throw error
          },
        )
      expect(written, `update of ${id}`).toBe(ids.includes(id))
    }
  }

  test('only rows for which the policy is true are read and written, and NULL counts as in SQL', async () => {
    await fc.assert(
      fc.asyncProperty(anyTree, async (tree) => {
        for (const caller of Object.values(callers)) {
          expect(await idsOf(tree, caller)).toEqual(
            rows.filter((row) => evaluate(tree, caller, row) === true).map(({ id }) => id),
          )
        }
      }),
      { numRuns: 30, examples: fixed.map((tree) => [tree]) },
    )
  }, 120_000)

  test('not of a filter leaves out the rows where the column is null', async () => {
    const seen = await idsOf({ not: 'locked' }, anonymous)
    expect(seen).toEqual(rows.filter(({ locked }) => locked === false).map(({ id }) => id))
  })
})
