// Routes of a team's own operations: the method, path and status that they name.
import type { Selection } from '../../engine/request.ts'
import type { EngineResult } from '../../engine/result.ts'
import type { CustomOperation } from '../../schema/model/model.ts'
import type { Answer } from '../response/answer.ts'
import {
  type InputPlaces,
  inputPlaces,
  readBodyInput,
  readPathInput,
  readQueryInput,
} from '../request/custom-inputs.ts'
import { noRow } from '../errors.ts'
import { selectionParameters } from '../request/list-arguments.ts'
import { writeRow, writeRows } from '../response/row-template.ts'
import { openQuery, type Query, queryOf } from '../request/query-string.ts'
import { refuseOtherBodies } from '../request/reading.ts'
import { type Incoming, ownFields, type RestContext } from '../request/incoming.ts'
import { ask, type Route } from './route.ts'
import { readSelection } from '../request/selection.ts'

export function buildCustomRoute(context: RestContext, operation: CustomOperation): Route {
  const places = inputPlaces(operation)
  const { method, path } = operation.rest
  return {
    method,
    path,
    ...(operation.kind === 'query' ? {} : { operationsOf: () => [operation.name] }),
    answer: async (incoming) => {
      if (method !== 'PATCH') refuseOtherBodies(incoming)
      const query = openQuery(queryOf(incoming.url))
      const input = readInput(context, operation, places, { incoming, query })
      const selection = readOutput(context, operation, query)
      query.finish(parametersOf(operation, places))
      return toAnswer(operation, await ask(incoming, { operation, input: { input }, selection }))
    },
  }
}

interface Reading {
  readonly incoming: Incoming
  readonly query: Query
}

function readInput(
  { prefix }: RestContext,
  operation: CustomOperation,
  places: InputPlaces,
  { incoming, query }: Reading,
): unknown {
  const fromPath = readPathInput(operation, places, incoming.url, prefix)
  if (operation.kind === 'query') return { ...readQueryInput(query, places), ...fromPath }
  return readBodyInput(incoming.body, fromPath, places)
}

function readOutput(
  { engine }: RestContext,
  { output }: CustomOperation,
  query: Query,
): Selection | null {
  if (output.type === 'value') return null
  return readSelection(engine.model, query, output.resource) ?? ownFields
}

function parametersOf({ kind, output }: CustomOperation, { other }: InputPlaces): string {
  const names = [
    ...(kind === 'query' ? other.keys() : []),
    ...(output.type === 'value' ? [] : selectionParameters),
  ]
  return names.length === 0 ? 'none' : names.join(', ')
}

/** A row that the caller may not read is written and not shown; a query for it finds nothing. */
function toAnswer({ kind, rest: { status } }: CustomOperation, result: EngineResult): Answer {
  switch (result.type) {
    case 'value':
      return { status, body: JSON.stringify(result.value) }
    case 'rows':
      return { status, body: writeRows(result.layout, result.rows ?? []) }
    case 'row':
      if (result.row !== null) return { status, body: writeRow(result.layout, result.row) }
      if (kind === 'query') return noRow()
      return { status: status === 200 ? 204 : status, body: null }
    case 'page':
      throw new Error('The engine answered a custom operation with a page.')
  }
}
