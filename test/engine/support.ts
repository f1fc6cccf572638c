// Shared by the engine tests: a declaration over a real database, operations run by name, answers as plain values.
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api-postgres'
import { expect } from 'vitest'
import type { Database, DatabaseOptions, Statement } from '../../src/db/database.ts'
import { Problem } from '../../src/errors.ts'
import { readCell } from '../../src/engine/value-codec.ts'
import { type Engine, openEngine } from '../../src/engine/engine.ts'
import { execute } from '../../src/engine/execute.ts'
import type { Limits } from '../../src/engine/parse/limits.ts'
import { relatedPage } from '../../src/engine/render/page.ts'
import { cellText } from '../../src/engine/render/row-reader.ts'
import type {
  AggregateInput,
  EngineRequest,
  ListInput,
  RelationSelection,
  Selection,
} from '../../src/engine/request.ts'
import type { EngineResult, Layout, Row, RowPage } from '../../src/engine/result.ts'
import { buildModel, type ModelDeclaration } from '../../src/schema/build/build-model.ts'
import { anonymous, type Caller } from '../../src/schema/declare/caller.ts'
import type { Model } from '../../src/schema/model/model.ts'
import type { OpenFresh } from '../support/databases.ts'

/** Creates the declared tables with the SQL of drizzle-kit. */
export async function createTables(
  database: Database,
  tables: Readonly<Record<string, unknown>>,
): Promise<void> {
  const [nothing, all] = await Promise.all([
    generateDrizzleJson({}),
    generateDrizzleJson({ ...tables }),
  ])
  for (const text of await generateMigration(nothing, all))
    await database.query({ text, values: [] })
}

export const signedIn = (
  claims: Readonly<Record<string, unknown>> = {},
  ...roles: string[]
): Caller => ({ via: 'jwt', id: 'somebody', roles, claims })

/** A selection of fields and relations. Without fields it has all that the caller may read. */
export function select(...members: (string | RelationSelection)[]): Selection {
  const fields = members.filter((one) => typeof one === 'string')
  return {
    fields: fields.length === 0 ? 'default' : fields,
    relations: members.filter((one) => typeof one !== 'string'),
  }
}

export const related = (
  relation: string,
  selection: Selection,
  list: ListInput = {},
  more: Partial<RelationSelection> = {},
): RelationSelection => ({
  id: relation,
  relation,
  list,
  selection,
  rows: true,
  total: false,
  ...more,
})

export interface TestRequest extends Partial<
  Pick<EngineRequest, 'caller' | 'denied' | 'rows' | 'total' | 'signal'>
> {
  readonly key?: unknown
  readonly input?: unknown
  readonly list?: ListInput
  readonly aggregate?: AggregateInput
  readonly atMost?: unknown
  readonly selection?: Selection | null
}

export type PlainRow = Readonly<Record<string, unknown>>
export interface PlainPage {
  readonly rows: readonly PlainRow[]
  readonly total: number | null
  readonly hasNext: boolean
  readonly hasPrevious: boolean
  readonly cursors: readonly string[]
  readonly denied: readonly string[]
}

export interface Fixture {
  readonly database: Database
  readonly model: Model
  readonly engine: Engine
  /** Every statement since the last `statements.length = 0`. */
  readonly statements: Statement[]
  /** The row of a get or a write, or null. */
  row(operation: string, request?: TestRequest): Promise<PlainRow | null>
  page(operation: string, request?: TestRequest): Promise<PlainPage>
  /** Rows or the value of a custom operation. */
  value(operation: string, request?: TestRequest): Promise<unknown>
  /** The problem that the request fails with. */
  problem(operation: string, request?: TestRequest): Promise<Problem>
  sql(text: string, ...values: unknown[]): Promise<readonly (readonly (string | null)[])[]>
}

export interface FixtureOptions extends Partial<DatabaseOptions> {
  readonly limits?: Partial<Limits>
}

/** A declaration over its own fresh database. `tables` are its tables and enums. */
export async function openFixture(
  open: OpenFresh,
  tables: Readonly<Record<string, unknown>>,
  declaration: ModelDeclaration,
  options: FixtureOptions = {},
): Promise<Fixture> {
  const { limits, ...rest } = options
  const database = await open({ relations: declaration.relations, ...rest })
  await createTables(database, tables)
  return fixtureOf(database, declaration, limits)
}

/** The same over an existing database. */
export function fixtureOf(
  database: Database,
  declaration: ModelDeclaration,
  limits: Partial<Limits> = {},
): Fixture {
  const model = buildModel(declaration)
  const statements: Statement[] = []
  const watched: Database = {
    ...database,
    read: (statement, take, run) => {
      statements.push(statement)
      return database.read(statement, take, run)
    },
    write: (statement, take, run) => {
      statements.push(statement)
      return database.write(statement, take, run)
    },
    query: (statement, run) => {
      statements.push(statement)
      return database.query(statement, run)
    },
  }
  // tests of the cost are in test/faces; these here ask for more than one request may
  const engine = openEngine({
    model,
    database: watched,
    limits: { cost: Number.MAX_SAFE_INTEGER, ...limits },
  })
  const run = (name: string, request: TestRequest) => {
    const operation = model.operations.find((candidate) => candidate.name === name)
    if (operation === undefined) throw new Error(`There is no operation ${name}.`)
    const {
      key,
      input,
      list,
      aggregate,
      atMost,
      selection = select(),
      caller = anonymous,
      denied = 'omit',
      ...rest
    } = request
    return execute(engine, {
      operation,
      input: {
        key,
        input,
        atMost,
        ...(list === undefined ? {} : { list }),
        ...(aggregate === undefined ? {} : { aggregate }),
      },
      selection,
      caller,
      denied,
      ...rest,
    })
  }
  return {
    database,
    model,
    engine,
    statements,
    async row(name, request = {}) {
      const result = await run(name, request)
      if (result.type !== 'row') throw new Error(`${name} answered a ${result.type}.`)
      return result.row === null ? null : plainRow(result.layout, result.row)
    },
    async page(name, request = {}) {
      const result = await run(name, request)
      if (result.type !== 'page') throw new Error(`${name} answered a ${result.type}.`)
      return plainPage(result.layout, result.page)
    },
    async value(name, request = {}) {
      const result = await run(name, request)
      if (result.type === 'value') return result.value
      if (result.type === 'rows')
        return (
          result.rows?.map((row) => (row === null ? null : plainRow(result.layout, row))) ?? null
        )
      throw new Error(`${name} answered a ${result.type}.`)
    },
    async problem(name, request = {}) {
      try {
        await run(name, request)
      } catch (error) {
        if (error instanceof Problem) return error
        throw error
      }
      throw new Error(`${name} was answered; a problem was expected.`)
    },
    sql: async (text, ...values) => (await database.query({ text, values })).rows,
  }
}

/** The keys of a list's rows, read page by page. Checks that each page knows whether there are rows before and after it. */
export async function walk(
  list: (list: ListInput) => Promise<PlainPage>,
  {
    size,
    backward = false,
    ...rest
  }: ListInput & { readonly size: number; readonly backward?: boolean },
): Promise<readonly unknown[]> {
  const seen: unknown[] = []
  let cursor: string | undefined
  for (let pages = 0; pages < 100; pages += 1) {
    const page = await list({
      ...rest,
      ...(backward ? { last: size, before: cursor } : { first: size, after: cursor }),
    })
    const ids = page.rows.map((row) => row['id'] ?? row['line'])
    if (backward) seen.unshift(...ids)
    else seen.push(...ids)
    const [more, before] = backward
      ? [page.hasPrevious, page.hasNext]
      : [page.hasNext, page.hasPrevious]
    expect(before).toBe(cursor !== undefined)
    if (!more) return seen
    expect(page.rows).toHaveLength(size)
    cursor = backward ? page.cursors[0] : page.cursors.at(-1)
  }
  throw new Error('The list did not end after 100 pages.')
}

/** A row or a page as plain values. */
export function plainResult(result: EngineResult): unknown {
  if (result.type === 'row') return result.row === null ? null : plainRow(result.layout, result.row)
  return result.type === 'page' ? plainPage(result.layout, result.page) : null
}

/** A row as plain values: own fields, its version if selected, to-one relations as rows, to-many ones as pages. */
function plainRow(layout: Layout, row: Row): PlainRow {
  const version = layout.version === undefined ? [] : [['version', cellText(row, layout.version)]]
  const fields = layout.fields.map(({ field, index }) => [
    field.name,
    readCell(field)(cellText(row, index)),
  ])
  const toOne = layout.toOne.map((one) => [
    one.id,
    cellText(row, one.present) === null ? null : plainRow(one.layout, row),
  ])
  const toMany = layout.toMany.map((many) => [
    many.id,
    plainPage(many.layout, relatedPage(row, many)),
  ])
  return Object.fromEntries([...version, ...fields, ...toOne, ...toMany]) as PlainRow
}

const plainPage = (layout: Layout, page: RowPage): PlainPage => ({
  rows: page.rows().map((row) => plainRow(layout, row)),
  total: page.total,
  hasNext: page.hasNext,
  hasPrevious: page.hasPrevious,
  cursors: page.rows().map((row) => page.cursorOf(row)),
  denied: layout.denied,
})
