// What filters and orders are on each face, and in SQL: written by the parity suite's writers, planned by the engine's own code.
import { createPlanCache } from '../../src/db/plan/cache.ts'
import { planRead } from '../../src/db/plan/read.ts'
import { startAuthorization } from '../../src/engine/authorize/authorization.ts'
import { authorizeRead } from '../../src/engine/authorize/authorize-read.ts'
import { defaultLimits } from '../../src/engine/parse/limits.ts'
import { parseRequest } from '../../src/engine/parse/parse-request.ts'
import { anonymous } from '../../src/schema/declare/caller.ts'
import type { OperationInput, Selection } from '../../src/engine/request.ts'
import type { StandardOperation } from '../../src/schema/model/model.ts'
import { buildInputSchemas } from '../../src/schema/inputs/input-schemas.ts'
import { type ParityList, type ParityRequest, plainStyle } from '../../src/parity/request.ts'
import { toGraphql } from '../../src/parity/send/graphql/document.ts'
import { toRest } from '../../src/parity/send/rest/request.ts'
import { model } from './samples.ts'

export interface Written {
  readonly graphql: string
  readonly rest: string
  /** The filter, or the order. */
  readonly sql: string
}

type List = Omit<ParityList, 'page' | 'total'>

/** A list's filter or order on both faces, and the part of the statement that it becomes. */
export function writeList(list: List): Written {
  const operation = model.operations.find(
    (one): one is StandardOperation => one.standard === 'list',
  )
  if (operation === undefined) throw new Error('The model has a list.')
  const selection = {
    fields: operation.resource.primaryKey.fields.map(({ name }) => name),
    relations: [],
  }
  const request: ParityRequest = {
    operation: operation.name,
    caller: { name: 'anonymous', payload: null },
    list: { ...list, page: {}, total: false },
    selection,
    style: { ...plainStyle, literals: true, short: true },
  }
  const { query } = toGraphql(model, operation, request)
  const { url } = toRest({ model, prefix: '' }, operation, request)
  const [, graphql = ''] = /^query \{ samples\((.*)\) \{ nodes/.exec(query) ?? []
  const [, parameters = ''] = /\?(.*)&fields=/.exec(url) ?? []
  return {
    graphql,
    rest: decodeURIComponent(parameters),
    sql: partOf(planSql(operation, toInput(list), selection), list.where === undefined),
  }
}

/** A list as the engine takes it: an order is an object for each step along relations. */
function toInput({ orderBy = [], ...rest }: List): OperationInput {
  const orders = orderBy.map(({ path, direction }) =>
    path.reduceRight<unknown>((of, name) => ({ [name]: of }), direction),
  )
  return { list: orders.length === 0 ? rest : { ...rest, orderBy: orders } }
}

/** The statement of a list, as the engine plans it for an anonymous caller. */
function planSql(
  operation: StandardOperation,
  input: OperationInput,
  selection: Selection,
): string {
  const inputSchemas = buildInputSchemas(model)
  const parsed = parseRequest(
    { model, inputSchemas, limits: defaultLimits },
    operation,
    input,
    selection,
  )
  const authorization = startAuthorization(model, buildInputSchemas(model, 'inner'), anonymous)
  const request = { operation, input, selection, caller: anonymous, denied: 'omit' } as const
  const authorized = authorizeRead({ authorization, request, operation, parsed })
  return planRead(createPlanCache(), authorized).text
}

/** The part of a statement that a reader looks for; the row's own columns without their table. */
function partOf(text: string, isOrder: boolean): string {
  const [, condition = '', order = ''] =
    /^.*? where (.*) order by (.*?) limit \$\d+$/s.exec(text) ?? []
  const isWhole = text.includes('distinct on') || text.includes('lateral')
  const ordering = isWhole ? text.replace(/^select .*? from /, 'from ') : `order by ${order}`
  return (isOrder ? ordering : condition)
    .replaceAll(/"t0"\."(\w+)"/g, '$1')
    .replaceAll(/"(\w+)"/g, '$1')
    .replaceAll(/\s+/g, ' ')
}
