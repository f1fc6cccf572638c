// Compares the answers of a cached read and of the full path to the same request, as text.
import { PgDialect } from 'drizzle-orm/pg-core'
import { factsOf } from '../../src/db/plan/build-read.ts'
import { withEstimates } from '../../src/db/plan/estimate.ts'
import { buildReadPlan } from '../../src/db/plan/read-plan.ts'
import type { ReadRequest } from '../../src/db/plan/read-request.ts'
import { toRawRows } from '../../src/db/raw-rows.ts'
import { encodeCursor } from '../../src/engine/cursor.ts'
import { diagnosed } from '../../src/engine/diagnose/cast-errors.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { answer } from '../../src/engine/execute.ts'
import { prepareRead } from '../../src/engine/prepare-request.ts'
import {
  defineReadQuery,
  type ReadQuery,
  type ReadQueryRequest,
  toEngineRequest,
} from '../../src/engine/read/read-query.ts'
import type { ListInput, Selection, Total } from '../../src/engine/request.ts'
import { rootPage } from '../../src/engine/render/page.ts'
import { rowsIn, toRowSet } from '../../src/engine/render/row-reader.ts'
import type { EngineResult, Layout } from '../../src/engine/result.ts'
import type { PageFacts, Part } from '../../src/engine/render/template.ts'
import { Problem } from '../../src/errors.ts'
import type { Caller } from '../../src/schema/declare/caller.ts'
import type { StandardOperation } from '../../src/schema/model/model.ts'
import { canonical, parseExact } from '../../src/parity/send/json.ts'
import { plainResult, type Fixture } from './support.ts'

export function formOf(
  { model }: Pick<Fixture, 'model'>,
  name: string,
  selection: Selection,
): ReadQuery {
  const operation = model.operations.find(
    (one): one is StandardOperation => one.name === name && one.standard !== null,
  )
  if (operation === undefined) throw new Error(`There is no operation ${name}.`)
  return defineReadQuery(model, {
    operation,
    selection,
    denied: 'omit',
    each: false,
    template: (layout, page) => ({
      parts: page === null ? rowParts(layout) : pageParts(layout, page),
    }),
  })
}

const text = (written: string): Part => ({ type: 'text', text: written })

const object = (
  members: readonly (readonly [name: string, of: readonly Part[]])[],
): readonly Part[] => [
  text('{'),
  ...members.flatMap(([name, of], i) => [
    text(`${i === 0 ? '' : ','}${JSON.stringify(name)}:`),
    ...of,
  ]),
  text('}'),
]

const rowParts = (layout: Layout): readonly Part[] =>
  object([
    ...layout.fields.map(
      ({ field, index }) => [field.name, [{ type: 'cell', field, index }]] as const,
    ),
    ...layout.toOne.map(
      (one) => [one.id, [{ type: 'one', present: one.present, of: rowParts(one.layout) }]] as const,
    ),
    ...layout.toMany.map(
      (many) => [many.id, [{ type: 'page', many, of: pageParts(many.layout, many.page) }]] as const,
    ),
  ])

const pageParts = (layout: Layout, { order }: PageFacts): readonly Part[] =>
  object([
    ['rows', [text('['), { type: 'rows', of: rowParts(layout) }, text(']')]],
    ['total', [{ type: 'fact', make: ({ total }) => JSON.stringify(total) }]],
    ['hasNext', [{ type: 'fact', make: ({ hasNext }) => String(hasNext) }]],
    ['hasPrevious', [{ type: 'fact', make: ({ hasPrevious }) => String(hasPrevious) }]],
    [
      'cursors',
      [
        text('['),
        {
          type: 'rows',
          of: [
            {
              type: 'made',
              indexes: layout.cursor,
              make: (cells) => JSON.stringify(encodeCursor(order, cells)),
            },
          ],
        },
        text(']'),
      ],
    ],
    ['denied', [text('[]')]],
  ])

export interface QueryRequest {
  readonly lists?: readonly ListInput[]
  readonly key?: Readonly<Record<string, unknown>> | null
  readonly caller: Caller
  readonly total?: Total
}

const toRequest = (
  form: ReadQuery,
  { lists = [{}], key = null, caller, total = false }: QueryRequest,
): ReadQueryRequest => ({
  form,
  lists,
  key,
  caller,
  total,
  rows: true,
  signal: new AbortController().signal,
})

/** The answer of a cached read: JSON, `null`, `denied` where the caller may not read a part, or the problem. */
export const runCached = (
  { engine }: Pick<Fixture, 'engine'>,
  form: ReadQuery,
  request: QueryRequest,
): Promise<string> =>
  told(async () => {
    const written = await answer(engine, toRequest(form, request))
    if (written === null) return 'denied'
    return written.found ? canonical(parseExact(written.bytes.toString())) : 'null'
  })

/** The answer of the full path to the same request, with its lists as cells of JSON and its rows as text. */
export const runFullPath = (
  { engine, model }: Pick<Fixture, 'engine' | 'model'>,
  form: ReadQuery,
  request: QueryRequest,
): Promise<string> =>
  told(async () => {
    const engineRequest = {
      ...toEngineRequest(model, toRequest(form, request)),
      operation: form.operation,
    }
    const result = await diagnosed(
      engine,
      () => engineRequest,
      async () => readAsText(engine, prepareRead(engine, engineRequest).read),
    )
    if (result.type === 'row' && result.row === null)
      return isDenied(result.layout) ? 'denied' : 'null'
    return 'layout' in result && isDenied(result.layout)
      ? 'denied'
      : canonical(parseExact(JSON.stringify(plainResult(result))))
  })

async function readAsText(
  { database, plans }: Engine,
  request: ReadRequest,
): Promise<EngineResult> {
  const plan = buildReadPlan(request, new PgDialect(), 1)
  const { rows } = await database.query(plan.bind(request.values))
  const estimated = await withEstimates(database, plans, { request, plan, rows })
  const set = toRowSet(toRawRows(estimated))
  const { layout, wrapped } = plan
  if (request.page === null) return { type: 'row', layout, row: rowsIn(set, layout)[0] ?? null }
  const facts = factsOf(request.page)
  return { type: 'page', layout, page: rootPage(set, { layout, facts, wrapped }) }
}

const isDenied = ({ denied, toOne, toMany }: Layout): boolean =>
  denied.length > 0 ||
  toOne.some((one) => isDenied(one.layout)) ||
  toMany.some((many) => isDenied(many.layout))

async function told(work: () => Promise<string>): Promise<string> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Problem)
      return canonical({ code: error.code, message: error.message, issues: error.issues })
    if (error instanceof Error) return `Error: ${error.message}`
    throw error
  }
}
