// The input of the team's own operations: from the path, then from the query string of a query or the body of a mutation.
import { Problem } from '../../errors.ts'
import { parseJson } from '../../json-text.ts'
import type { CustomOperation } from '../../schema/model/model.ts'
import { describeZod, type Member, type ValueType } from '../../schema/values/zod-types.ts'
import { asObject, unreadable } from '../errors.ts'
import { decodeSegment, segmentAt } from './paths.ts'
import { type Query, refuseJson } from './query-string.ts'
import { type ReadText, toJsonValue, toList } from './values.ts'

/** The members of an operation's input, by the part of the request that they stand in. */
export interface InputPlaces {
  readonly path: ReadonlyMap<string, Member>
  /** In the query string or the body. */
  readonly other: ReadonlyMap<string, Member>
  /** Whether a body must be sent, because a member outside the path is required. */
  readonly required: boolean
}

export function inputPlaces(operation: CustomOperation): InputPlaces {
  const members = membersOf(operation)
  const inPath = (name: string) => operation.rest.path.includes(`{${name}}`)
  const other = new Map(members.filter(([name]) => !inPath(name)))
  return {
    path: new Map(members.filter(([name]) => inPath(name))),
    other,
    required: [...other.values()].some((member) => !member.optional),
  }
}

function membersOf({ input }: CustomOperation): readonly (readonly [string, Member])[] {
  if (input === null) return []
  const { value } = describeZod(input)
  return value.type === 'object' ? [...value.members] : []
}

/** Values that stand in the path. */
export function readPathInput(
  operation: CustomOperation,
  places: InputPlaces,
  url: string,
  prefix: string,
): Record<string, unknown> {
  return Object.fromEntries(
    operation.rest.path.split('/').flatMap((segment, index) => {
      const [, name = ''] = /^\{(.+)\}$/.exec(segment) ?? []
      const member = places.path.get(name)
      if (member === undefined) return []
      const text = decodeSegment(segmentAt(url, prefix, index))
      return [[name, toScalar(member.value, text)]]
    }),
  )
}

/** How a value is written in a query string: as text, as a list such as `a,b`, or as JSON. */
export function textFormOf({ value }: Member): 'text' | 'list' | 'json' {
  if (isScalar(value)) return 'text'
  return isListOfScalars(value) ? 'list' : 'json'
}

const isScalar = (value: ValueType): boolean =>
  value.type === 'enum' || (value.type === 'scalar' && value.kind !== 'json')

const isListOfScalars = (value: ValueType): value is Extract<ValueType, { type: 'list' }> =>
  value.type === 'list' && isScalar(value.of.value)

/** Takes a query's input from the query string. */
export function readQueryInput(query: Query, { other }: InputPlaces): Record<string, unknown> {
  const input: [string, unknown][] = []
  for (const [name, member] of other) {
    const text = query.take(name)
    if (text === undefined) continue
    const read = readMember(member, name, text)
    if (read.ok) input.push([name, read.value])
    else if (read.fault === null)
      query.refuse(name, 'malformed_value', `${name} is a list such as a,b or "a,b","c".`)
    else refuseJson(query, name, read.fault, `${name} is JSON.`)
  }
  return Object.fromEntries(input)
}

function readMember({ value }: Member, name: string, text: string): ReadText {
  if (isScalar(value)) return { ok: true, value: toScalar(value, text) }
  if (!isListOfScalars(value)) return parseJson(text, name)
  const { value: item } = value.of
  return toList(text, (part) => toScalar(item, part))
}

const toScalar = (value: ValueType, text: string): unknown =>
  value.type === 'scalar' ? toJsonValue(value.kind, text) : text

/** The body and the values of the path together; the body may not repeat those. */
export function readBodyInput(
  body: unknown,
  fromPath: Record<string, unknown>,
  places: InputPlaces,
): Record<string, unknown> {
  if (body === undefined) {
    if (places.required) throw unreadable('The body is missing.')
    return fromPath
  }
  const object = asObject(body)
  const names = [...places.path.keys()].filter((name) => Object.hasOwn(object, name))
  if (names.length > 0) {
    const message = `${names.join(', ')} stands in the path; leave it out of the body.`
    throw new Problem('VALIDATION_FAILED', message, {
      issues: names.map((name) => ({ in: 'input', path: [name], code: 'unknown_member', message })),
    })
  }
  return { ...object, ...fromPath }
}
