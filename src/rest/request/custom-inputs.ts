// The input of a team's own operation: its path, then the query string of a query, or the body of anything else.
import { Problem } from '../../errors.ts'
import { parseJson } from '../../json-text.ts'
import type { CustomOperation } from '../../schema/model/model.ts'
import { describeZod, type Member } from '../../schema/values/zod-types.ts'
import { asObject, unreadable } from '../errors.ts'
import { decodeSegment, segmentAt } from './paths.ts'
import { type Query, refuseJson } from './query-string.ts'
import { type ReadText, toJsonValue, toList } from './values.ts'

/** Members of an operation's input by where REST has them. */
export interface InputPlaces {
  readonly path: ReadonlyMap<string, Member>
  /** Query string or body. */
  readonly other: ReadonlyMap<string, Member>
  /** Whether a body must be sent: some member outside of the path is required. */
  readonly required: boolean
}

export function inputPlaces(operation: CustomOperation): InputPlaces {
  const value = operation.input === null ? null : describeZod(operation.input).value
  const members = value?.type === 'object' ? [...value.members] : []
  const inPath = (name: string) => operation.rest.path.includes(`{${name}}`)
  const other = new Map(members.filter(([name]) => !inPath(name)))
  return {
    path: new Map(members.filter(([name]) => inPath(name))),
    other,
    required: [...other.values()].some((member) => !member.optional),
  }
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
      const name = /^\{(.+)\}$/.exec(segment)?.[1]
      const member = name === undefined ? undefined : places.path.get(name)
      if (name === undefined || member === undefined) return []
      const text = decodeSegment(segmentAt(url, prefix, index))
      return [[name, member.value.type === 'scalar' ? toJsonValue(member.value.kind, text) : text]]
    }),
  )
}

/** Takes a query's input: scalars as they are, lists of them by comma, anything deeper as JSON. */
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

function readMember(member: Member, name: string, text: string): ReadText {
  const { value } = member
  if (value.type === 'enum') return { ok: true, value: text }
  if (value.type === 'scalar')
    return value.kind === 'json'
      ? parseJson(text, name)
      : { ok: true, value: toJsonValue(value.kind, text) }
  if (value.type === 'object' || !isListOfScalars(member)) return parseJson(text, name)
  const of = value.of.value
  return toList(text, (part) => (of.type === 'scalar' ? toJsonValue(of.kind, part) : part))
}

/** Lists whose members have a plain text form. */
export function isListOfScalars({ value }: Member): boolean {
  if (value.type !== 'list') return false
  const of = value.of.value
  return of.type === 'enum' || (of.type === 'scalar' && of.kind !== 'json')
}

/** A body with the values of the path beside it; in the body those are strangers. */
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
