// Aggregates from the query string: which rows, how they are grouped, what is answered of each group.
import type { AggregateInput, Selection } from '../../engine/request.ts'
import type { Resource, StandardOperation } from '../../schema/model/model.ts'
import { readFilter, readJson, readSort } from '../request/list-arguments.ts'
import { openQuery, type Query, queryOf } from '../request/query-string.ts'
import { ownFields } from '../request/incoming.ts'
import { ask, type Route } from './route.ts'
import { splitNames, toInteger } from '../request/values.ts'

/** The parameters of an aggregate, in the order of the documents. */
const aggregateParameters = [
  'where',
  'groupBy',
  'fields',
  'having',
  'sort',
  'limit',
  'offset',
] as const

export function answerAggregate(operation: StandardOperation): Route['answer'] {
  const { resource } = operation
  const allowed = `${aggregateParameters.join(', ')}, and comparisons such as ${resource.primaryKey.fields[0]?.name ?? 'id'}[eq] of ${[...resource.fields.keys()].join(', ')}`
  return async (incoming) => {
    const query = openQuery(queryOf(incoming.url))
    const selection = readFields(query)
    const aggregate = readAggregate(query, resource)
    query.finish(allowed)
    const result = await ask(incoming, { operation, input: { aggregate }, selection })
    if (result.type !== 'value')
      throw new Error(`The engine answered an aggregate with a ${result.type}.`)
    return { status: 200, body: JSON.stringify(result.value) }
  }
}

function readAggregate(query: Query, resource: Resource): AggregateInput {
  const [groupBy, having, limit, offset] = [
    query.take('groupBy'),
    readJson(query, 'having', '{"count":{"gte":2}}'),
    query.take('limit'),
    query.take('offset'),
  ]
  const orderBy = readSort(query, 'sort', query.take('sort'))
  const where = readFilter(query, resource)
  return {
    ...(where === undefined ? {} : { where }),
    ...(groupBy === undefined
      ? {}
      : { groupBy: groupBy === '' ? [] : splitNames('groupBy', groupBy) }),
    ...(having === undefined ? {} : { having }),
    ...(orderBy === undefined ? {} : { orderBy }),
    ...(limit === undefined ? {} : { first: toInteger(limit) }),
    ...(offset === undefined ? {} : { offset: toInteger(offset) }),
  }
}

/** What to see of a group beside its key: `count,sum.price`. */
function readFields(query: Query): Selection {
  const text = query.take('fields')
  if (text === undefined) return ownFields
  const paths = splitNames('fields', text)
  if (!paths.every((path) => /^\w+(\.\w+)*$/.test(path)))
    query.refuse('fields', 'malformed_list', 'fields is a list of names such as count,sum.price.')
  return { fields: paths, relations: [] }
}
