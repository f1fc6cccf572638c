// Writes beyond those of one row by its key: a list of new rows, PUT by a key, and the rows that a filter finds.
import type { Selection } from '../../engine/request.ts'
import type { EngineResult } from '../../engine/result.ts'
import { Problem } from '../../errors.ts'
import type { Resource, StandardOperation } from '../../schema/model/model.ts'
import { type Answer, toLocation, toRowAnswer, toTag } from '../response/answer.ts'
import { asObject, unreadable } from '../errors.ts'
import { readFilter } from '../request/list-arguments.ts'
import { writeRows } from '../response/row-template.ts'
import type { Query } from '../request/query-string.ts'
import { refuseBody, refuseOtherBodies } from '../request/reading.ts'
import type { Incoming, RestContext } from '../request/incoming.ts'
import { ask, type Route } from './route.ts'
import { toInteger } from '../request/values.ts'

/** What a write shows, as its request asks. */
interface Writing {
  readonly minimal: boolean
  readonly selection: Selection | null
  readonly applied: Readonly<Record<string, string>>
}

type Read<T> = (incoming: Incoming) => T

export function answerCreateMany(
  operation: StandardOperation,
  readWriting: Read<Writing>,
): Route['answer'] {
  return async (incoming) => {
    refuseOtherBodies(incoming)
    const { minimal, selection, applied } = readWriting(incoming)
    if (incoming.body === undefined) throw unreadable('The body is missing: a JSON array of rows.')
    const result = await ask(incoming, { operation, input: { input: incoming.body }, selection })
    return { status: 201, headers: applied, body: minimal ? null : bodyOf(result) }
  }
}

/** Null where the caller may read none of the rows. */
function bodyOf(result: EngineResult): Buffer | null {
  if (result.type !== 'rows') throw new Error(`The engine answered rows with a ${result.type}.`)
  return result.rows === null ? null : writeRows(result.layout, result.rows)
}

interface Upserting {
  readonly readWriting: Read<Writing>
  readonly readKey: Read<Readonly<Record<string, unknown>>>
}

export function answerUpsert(
  context: RestContext,
  operation: StandardOperation,
  { readWriting, readKey }: Upserting,
): Route['answer'] {
  return async (incoming) => {
    refuseOtherBodies(incoming)
    const { minimal, selection, applied } = readWriting(incoming)
    const input = withKey(readKey(incoming), incoming.body)
    const result = await ask(incoming, { operation, input: { input }, selection })
    if (result.type !== 'row' || result.created === undefined)
      throw new Error(`The engine answered an upsert with a ${result.type}.`)
    const { created, layout, row } = result
    const body = row === null || minimal ? null : toRowAnswer(layout, row).body
    const tag = row === null ? {} : toTag(layout, row, !minimal)
    const headers = {
      ...applied,
      ...(created && row !== null ? { location: toLocation(context.prefix, layout, row) } : {}),
    }
    return { status: created ? 201 : body === null ? 204 : 200, headers, body, ...tag }
  }
}

/** The path names the row; a body may say the same, and nothing else. */
function withKey(key: Readonly<Record<string, unknown>>, body: unknown): object {
  if (body === undefined) throw unreadable('The body is missing: the fields as a JSON object.')
  const given = asObject(body) as Readonly<Record<string, unknown>> // it has members
  const others = Object.keys(key).filter(
    (name) => given[name] !== undefined && given[name] !== key[name],
  )
  if (others.length > 0) {
    const message = `The path says another ${others.join(', ')}.`
    throw new Problem('VALIDATION_FAILED', message, {
      issues: others.map((name) => ({ in: 'input', path: [name], code: 'other_key', message })),
    })
  }
  return { ...given, ...key }
}

/** The parameters of a write by filter: those of a list's filter, and how many rows are to be written at most. */
export const filtered = ({ resource }: StandardOperation) => ({
  allowed: `where, atMost, comparisons such as ${firstOf(resource)}[eq] of ${[...resource.fields.keys()].join(', ')}, `,
  read: (query: Query) => {
    const atMost = query.take('atMost')
    const where = readFilter(query, resource)
    return {
      question: {
        ...(where === undefined ? {} : { list: { where } }),
        ...(atMost === undefined ? {} : { atMost: toInteger(atMost) }),
      },
    }
  },
})

const firstOf = ({ primaryKey }: Resource): string => primaryKey.fields[0]?.name ?? 'id'

type Filtered = ReturnType<ReturnType<typeof filtered>['read']>

export function answerFiltered(
  operation: StandardOperation,
  readWriting: Read<Writing & Filtered>,
): Route['answer'] {
  const isUpdate = operation.standard === 'updateMany'
  return async (incoming): Promise<Answer> => {
    if (!isUpdate) refuseBody(incoming)
    const { minimal, selection, applied, question } = readWriting(incoming)
    if (isUpdate && incoming.body === undefined)
      throw unreadable('The body is missing: the fields as a JSON object.')
    const input = isUpdate ? { ...question, input: asObject(incoming.body) } : question
    const result = await ask(incoming, { operation, input, selection })
    const body = minimal ? null : bodyOf(result)
    return body === null
      ? { status: 204, headers: applied, body: null }
      : { status: 200, headers: applied, body }
  }
}
