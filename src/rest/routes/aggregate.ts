// Aggregates: GET of the figures of all rows that a filter matches, or of each group of them.
import { defined } from '../../defined.ts'
import type { AggregateInput, Selection } from '../../engine/request.ts'
import { aggregatesByPath, aggregationOf } from '../../schema/model/aggregates.ts'
import type { Resource, StandardOperation } from '../../schema/model/model.ts'
import type { JsonObject, OperationObject } from '../openapi/description.ts'
import { filterParameters } from '../openapi/list-parameters.ts'
import { describeStandard } from '../openapi/operation.ts'
import { ifNoneMatch } from '../openapi/parameters.ts'
import { offsetSchema } from '../openapi/list-request.ts'
import { jsonContent, readResponses } from '../openapi/responses.ts'
import { refTo } from '../openapi/schemas.ts'
import { ownFields, type RestContext } from '../request/incoming.ts'
import { readFilter, readJson, readSort } from '../request/list-arguments.ts'
import { operationPath } from '../request/paths.ts'
import { openQuery, type Query, queryOf } from '../request/query-string.ts'
import { comparisonsOf } from '../request/reading.ts'
import { splitNames, toInteger } from '../request/values.ts'
import { ask, type Route } from './route.ts'

export const aggregateRoutes = (
  _context: RestContext,
  operation: StandardOperation,
): readonly Route[] => [
  {
    method: 'GET',
    path: operationPath(operation),
    answer: answerAggregate(operation),
    describe: () => describeAggregate(operation),
  },
]

/** Its parameters, in the order of the document. */
const names = ['where', 'groupBy', 'fields', 'having', 'sort', 'limit', 'offset'] as const

function answerAggregate(operation: StandardOperation): Route['answer'] {
  const { resource } = operation
  const allowed = `${names.join(', ')}, and ${comparisonsOf(resource)}`
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
  const groupBy = query.takeValue('groupBy', (text) => toKeys(text))
  const having = readJson(query, 'having', '{"count":{"gte":2}}')
  const first = query.takeValue('limit', toInteger)
  const offset = query.takeValue('offset', toInteger)
  const orderBy = readSort(query, 'sort', query.take('sort'))
  const where = readFilter(query, resource)
  return defined({ where, groupBy, having, orderBy, first, offset })
}

/** Without any name, all rows are one group. */
const toKeys = (text: string): readonly string[] => (text === '' ? [] : splitNames('groupBy', text))

/** What to answer of each group beside its key: `count,sum.price`. */
function readFields(query: Query): Selection {
  const text = query.take('fields')
  if (text === undefined) return ownFields
  const paths = splitNames('fields', text)
  if (!paths.every((path) => /^\w+(\.\w+)*$/.test(path)))
    query.refuse('fields', 'malformed_list', 'fields is a list of names such as count,sum.price.')
  return { fields: paths, relations: [] }
}

function describeAggregate(operation: StandardOperation): OperationObject {
  const { resource } = operation
  return describeStandard(operation, {
    parameters: [...filterParameters(resource), ...aggregateParameters(resource), ifNoneMatch],
    responses: readResponses('The groups: all of them, or as many as `limit` says.', {
      type: 'array',
      items: refTo(`${resource.type}Aggregate`),
    }),
  })
}

/** Its parameters beside the filter on rows. */
function aggregateParameters(resource: Resource): readonly JsonObject[] {
  const aggregation = aggregationOf(resource)
  const keys = [...aggregation.keys.keys()]
  const limits = pageParameters(resource)
  const [key] = keys
  const fields = [fieldsParameter(aggregatesByPath(aggregation).keys()), havingParameter(resource)]
  if (key === undefined) return [...fields, sortParameter(''), ...limits]
  return [
    groupByParameter(keys),
    ...fields,
    sortParameter(`or a key, as in \`key.${key}\`; `),
    ...limits,
  ]
}

const listOfNames = (of: Iterable<string>, more: JsonObject): JsonObject => ({
  style: 'form',
  explode: false,
  schema: { type: 'array', items: { type: 'string', enum: [...of] }, ...more },
})

const groupByParameter = (keys: readonly string[]): JsonObject => ({
  name: 'groupBy',
  in: 'query',
  ...listOfNames(keys, { maxItems: 8, uniqueItems: true }),
  description:
    'What to group by, by comma; without it, all rows are one group. The part of a date or time is the moment that it begins with, in UTC; weeks begin on Monday.',
})

const fieldsParameter = (paths: Iterable<string>): JsonObject => ({
  name: 'fields',
  in: 'query',
  ...listOfNames(paths, { default: ['count'], minItems: 1 }),
  description: 'What to answer of each group beside its key, by comma.',
})

const havingParameter = ({ type }: Resource): JsonObject => ({
  name: 'having',
  in: 'query',
  content: jsonContent(refTo(`${type}Having`)),
  description: 'A filter on groups as JSON.',
})

/** @param byKey says how to sort by a key; empty where groups have none */
const sortParameter = (byKey: string): JsonObject => ({
  name: 'sort',
  in: 'query',
  schema: { type: 'string' },
  example: '-count',
  description: `What to sort groups by, by comma: \`count\`, a function and its field as in \`fields\`, ${byKey}- is descending, and \`:nullsFirst\` or \`:nullsLast\` may follow.`,
})

const pageParameters = ({ page: { groups } }: Resource): readonly JsonObject[] => [
  {
    name: 'limit',
    in: 'query',
    schema: { type: 'integer', minimum: 0, maximum: groups },
    description: `Groups to answer. Without it all of them are answered, and an error where there are more than ${groups}.`,
  },
  { name: 'offset', in: 'query', schema: offsetSchema, description: 'Groups to skip.' },
]
