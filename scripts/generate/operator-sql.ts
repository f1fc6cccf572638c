// What filters and orders are on each face, and in SQL: written by the parity suite's writers, planned by the engine's own code.
import { createPlanCache } from '../../src/db/plan/cache.ts'
import { planRead } from '../../src/db/plan/read.ts'
import { startAuthorization } from '../../src/engine/authorize/authorization.ts'
import { authorizeRead } from '../../src/engine/authorize/authorize-read.ts'
import { defaultLimits } from '../../src/engine/parse/limits.ts'
import { parseRequest } from '../../src/engine/parse/parse-request.ts'
import { anonymous } from '../../src/schema/declare/caller.ts'
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

/** A list's filter or order on both faces, and the part of the statement that it becomes. */
export function writeList(list: Omit<ParityList, 'page' | 'total'>): Written {
  const operation = model.operations.find(
    (one): one is StandardOperation => one.standard === 'list',
  )
  if (operation === undefined) throw new Error('The model has a list.')
  const { resource } = operation
  const selection = { fields: resource.primaryKey.fields.map(({ name }) => name), relations: [] }
  const request: ParityRequest = {
    operation: operation.name,
    caller: { name: 'anonymous', payload: null },
    list: { ...list, page: {}, total: false },
    selection,
    style: { ...plainStyle, literals: true, short: true },
  }
  const { query } = toGraphql(model, operation, request)
  const { url } = toRest({ model, prefix: '' }, operation, request)
  const { orderBy = [], ...rest } = list
  const input = {
    list: {
      ...rest,
      ...(orderBy.length === 0
        ? {}
        : {
            orderBy: orderBy.map(({ path, direction }) =>
              path.reduceRight<unknown>((of, name) => ({ [name]: of }), direction),
            ),
          }),
    },
  }
  const parsed = parseRequest(
    { model, inputSchemas: buildInputSchemas(model), limits: defaultLimits },
    operation,
    input,
    selection,
  )
  const authorization = startAuthorization(model, buildInputSchemas(model, 'inner'), anonymous)
  const { text } = planRead(
    createPlanCache(),
    authorizeRead({
      authorization,
      request: { operation, input, selection, caller: anonymous, denied: 'omit' },
      operation,
      parsed,
    }),
  )
  const [, graphql = ''] = /^query \{ samples\((.*)\) \{ nodes/.exec(query) ?? []
  const [, parameters = ''] = /\?(.*)&fields=/.exec(url) ?? []
  return {
    graphql,
    rest: decodeURIComponent(parameters),
    sql: partOf(text, list.where === undefined),
  }
}

/** The part of a statement that a reader looks for; the row's own columns without their table. */
function partOf(text: string, isOrder: boolean): string {
  const [, condition = '', order = ''] =
    /^.*? where (.*) order by (.*?) limit \$\d+$/s.exec(text) ?? []
  return (
    isOrder
      ? text.includes('distinct on') || text.includes('lateral')
        ? text.replace(/^select .*? from /, 'from ')
        : `order by ${order}`
      : condition
  )
    .replaceAll(/"t0"\."(\w+)"/g, '$1')
    .replaceAll(/"(\w+)"/g, '$1')
    .replaceAll(/\s+/g, ' ')
}
