// A process in a time zone of its own: writes random values by one face, reads them by both, and writes what was read by the other.
import { defineRelations } from 'drizzle-orm'
import {
  bigint,
  boolean,
  bytea,
  date,
  doublePrecision,
  inet,
  integer,
  interval,
  json,
  jsonb,
  numeric,
  pgEnum,
  pgTable,
  real,
  smallint,
  text,
  time,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'
import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { openDatabase } from '../../src/db/open.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { toGraphqlLabel } from '../../src/schema/declare/names.ts'
import { createTables } from '../engine/support.ts'
import { openFaces } from './faces.ts'
import { asKept, columns, moods, rows, type Sample } from './values.ts'

const mood = pgEnum('mood', moods)
const samples = pgTable('samples', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  small: smallint(),
  whole: integer(),
  big: bigint({ mode: 'bigint' }),
  number: numeric(),
  single: real(),
  double: doublePrecision(),
  yes: boolean(),
  words: text(),
  code: uuid(),
  day: date(),
  clock: time(),
  local: timestamp({ mode: 'string' }),
  moment: timestamp({ withTimezone: true, mode: 'string' }),
  span: interval(),
  feeling: mood(),
  tree: jsonb(),
  loose: json(),
  blob: bytea(),
  address: inet(),
  smalls: smallint().array(),
  wholes: integer().array(),
  bigs: bigint({ mode: 'bigint' }).array(),
  numbers: numeric().array(),
  singles: real().array(),
  doubles: doublePrecision().array(),
  yess: boolean().array(),
  wordss: text().array(),
  codes: uuid().array(),
  days: date().array(),
  clocks: time().array(),
  locals: timestamp({ mode: 'string' }).array(),
  moments: timestamp({ withTimezone: true, mode: 'string' }).array(),
  spans: interval().array(),
  feelings: mood().array(),
  trees: jsonb().array(),
  blobs: bytea().array(),
  addresss: inet().array(),
})
const relations = defineRelations({ samples })
const { resource, access } = declare({ relations })
const sample = resource('samples', {
  access: { read: access.everyone, create: access.everyone, update: access.everyone },
})

type Values = Readonly<Record<string, unknown>>
const names = Object.keys(columns)

/** GraphQL has its own names for labels that are no names. */
const labelled = (row: Values, toLabel: (label: string) => string): Values =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      const one = (label: unknown): unknown => (typeof label === 'string' ? toLabel(label) : label)
      return [
        name,
        name === 'feeling'
          ? one(value)
          : name === 'feelings' && Array.isArray(value)
            ? value.map(one)
            : value,
      ]
    }),
  )
const fromGraphql = new Map(moods.map((label) => [toGraphqlLabel(label), label as string]))

type Faces = Awaited<ReturnType<typeof openFaces>>

const restOf = ({ rest }: Faces) => ({
  create: async (input: Values): Promise<number> =>
    (await rest('POST', '/samples?fields=id', input)).id,
  read: (id: number): Promise<Values> => rest('GET', `/samples/${id}?fields=${names.join()}`),
  update: (id: number, input: Values): Promise<unknown> => rest('PATCH', `/samples/${id}`, input),
})

const graphqlOf = ({ graphql }: Faces) => ({
  create: async (input: Values): Promise<number> =>
    (
      await graphql('mutation($input: SampleCreate!) { createSample(input: $input) { id } }', {
        input: labelled(input, toGraphqlLabel),
      })
    ).createSample.id,
  read: async (id: number): Promise<Values> =>
    labelled(
      (await graphql(`query($id: Int!) { sample(id: $id) { ${names.join(' ')} } }`, { id })).sample,
      (label) => fromGraphql.get(label) ?? label,
    ),
  update: (id: number, input: Values): Promise<unknown> =>
    graphql(
      'mutation($id: Int!, $input: SampleUpdate!) { updateSample(id: $id, input: $input) { id } }',
      { id, input: labelled(input, toGraphqlLabel) },
    ),
})

function compare(row: Readonly<Record<string, Sample>>, found: Values, how: string): void {
  for (const name of names) {
    const [expected, value] = [row[name]?.read, asKept(name, found[name])]
    if (!isDeepStrictEqual(value, expected))
      throw new Error(
        `${name} written as ${JSON.stringify(row[name]?.written)} is ${JSON.stringify(value)} ${how}, not ${JSON.stringify(expected)}.`,
      )
  }
}

/** What differs in one database, in words; null for nothing. */
async function differenceIn(url: string): Promise<string | null> {
  const database = await openDatabase({
    url,
    snapshot,
    relations,
    poolMax: 2,
    statementTimeout: 20_000,
    lockTimeout: 2000,
    idleInTransactionTimeout: 10_000,
    connectTimeout: 20_000,
  })
  await createTables(database, { samples, mood })
  const faces = await openFaces({ name: 'Values', relations, resources: { sample } }, database)
  const [rest, graphql] = [restOf(faces), graphqlOf(faces)]
  const stored = async (id: number): Promise<string | null> =>
    (
      await database.query({
        text: "select to_jsonb(s) - 'id' from samples s where id = $1",
        values: [String(id)],
      })
    ).rows[0]?.[0] ?? null
  const property = fc.asyncProperty(rows, fc.boolean(), async (row, byRest) => {
    const [one, other] = byRest ? [rest, graphql] : [graphql, rest]
    const id = await one.create(Object.fromEntries(names.map((name) => [name, row[name]?.written])))
    const read = await other.read(id)
    compare(row, read, 'by the other face')
    compare(row, await one.read(id), 'by the same face')
    const before = await stored(id)
    await other.update(id, read)
    if ((await stored(id)) !== before)
      throw new Error(
        `What was read and written again is stored as ${await stored(id)}, not as ${before}.`,
      )
    const copy = await other.create(read)
    if ((await stored(copy)) !== before)
      throw new Error(
        `What was read and created again is stored as ${await stored(copy)}, not as ${before}.`,
      )
  })
  const details = await fc.check(property, { numRuns: Number(runs), seed: Number(seed) })
  await faces.app.close()
  await database.close()
  if (!details.failed) return null
  return details.errorInstance instanceof Error ? details.errorInstance.message : 'It failed.'
}

const [snapshot = '', runs = '10', seed = '1', ...urls] = process.argv.slice(2)
const differences: (string | null)[] = []
for (const url of urls) differences.push(await differenceIn(url))
process.send?.({ minutes: new Date('2026-07-01T00:00:00Z').getTimezoneOffset(), differences })
