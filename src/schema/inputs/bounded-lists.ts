// Zod makes all issues of a value before it tells one, and a hostile list has hundreds of thousands. Here lists and records
// are parsed a few members at a time, and no further once there are more issues than an error tells.
import { z } from 'zod'
import { MAX_ISSUES } from '../../errors.ts'
import { isShapeIssue } from '../values/issue-stage.ts'

type Schema = z.core.$ZodTypes
type Payload = z.core.ParsePayload
type RawIssue = z.core.$ZodRawIssue
type Parse = z.core.$ZodType['_zod']['parse']

const MEMBERS_AT_A_TIME = 20

const bounded = new WeakSet<z.core.$ZodType>()

/** Bounds the lists and records of a schema, each where it is first parsed: filters lead to each other in circles. */
export function boundLists(schema: z.core.$ZodType): void {
  if (bounded.has(schema)) return
  bounded.add(schema)
  const known = schema as Schema // the union of all of Zod's classes
  const { run } = known._zod
  known._zod.run = (payload, context) => {
    known._zod.run = run
    replaceParse(known)
    for (const part of partsOf(known._zod.def)) boundLists(part)
    return known._zod.run(payload, context)
  }
}

/** Zod's memoizer puts another function in its own place when it first parses: that one is then the bounded function's. */
function replaceParse({ _zod: inner }: Schema): void {
  const { run, def } = inner
  let { parse } = inner
  const hasChecks = run !== parse
  const boundedParse = toBounded(def, (payload, context) => parse(payload, context))
  if (boundedParse === null) return
  Object.defineProperty(inner, 'parse', {
    get: () => boundedParse,
    set: (other: Parse) => {
      parse = other
    },
  })
  if (!hasChecks) inner.run = boundedParse
}

function toBounded(def: Schema['_zod']['def'], parse: Parse): Parse | null {
  if (def.type === 'array')
    return boundedArray(
      parse,
      z.core.util.sizeCaps(def.checks).map(([most]) => most),
    )
  // a record with a fixed set of keys is no larger than that
  return def.type === 'record' && def.keyType._zod.values === undefined
    ? boundedRecord(parse)
    : null
}

// oxlint-disable-next-line complexity -- one arm for each of Zod's classes that has parts
function partsOf(def: Schema['_zod']['def']): readonly z.core.$ZodType[] {
  switch (def.type) {
    case 'array':
      return [def.element]
    case 'object':
      return [...Object.values(def.shape), ...(def.catchall === undefined ? [] : [def.catchall])]
    case 'record':
      return [def.keyType, def.valueType]
    case 'tuple':
      return [...def.items, ...(def.rest === null ? [] : [def.rest])]
    case 'union':
      return def.options
    case 'intersection':
      return [def.left, def.right]
    case 'pipe':
      return [def.in, def.out]
    case 'lazy':
      return [def.getter()]
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'catch':
    case 'readonly':
      return [def.innerType]
    default:
      return []
  }
}

/** @param caps lengths over which Zod refuses a list before it looks at its members */
const boundedArray =
  (parse: Parse, caps: readonly number[]): Parse =>
  (payload, context) => {
    const list = payload.value
    if (!Array.isArray(list) || list.length <= MEMBERS_AT_A_TIME || context.async === true)
      return parse(payload, context)
    if (caps.some((most) => list.length > most)) return parse(payload, context)
    const value: unknown[] = []
    for (
      let start = 0;
      start < list.length && !hasEnough(payload.issues);
      start += MEMBERS_AT_A_TIME
    ) {
      const part = parse(
        { value: list.slice(start, start + MEMBERS_AT_A_TIME), issues: [] },
        context,
      ) as Payload // not a promise: Zod throws where it would be
      for (const issue of part.issues) {
        const [index, ...path] = issue.path ?? []
        keep(
          payload.issues,
          typeof index === 'number' ? { ...issue, path: [start + index, ...path] } : issue,
        )
      }
      for (const member of part.value as readonly unknown[]) value.push(member) // a list, as it came
    }
    payload.value = value
    return payload
  }

const boundedRecord =
  (parse: Parse): Parse =>
  (payload, context) => {
    const record = payload.value
    const names =
      typeof record === 'object' && record !== null && !Array.isArray(record)
        ? Object.keys(record)
        : []
    if (names.length <= MEMBERS_AT_A_TIME || context.async === true) return parse(payload, context)
    const value: [string, unknown][] = []
    for (
      let start = 0;
      start < names.length && !hasEnough(payload.issues);
      start += MEMBERS_AT_A_TIME
    ) {
      const members = names
        .slice(start, start + MEMBERS_AT_A_TIME)
        .map((name) => [name, (record as Readonly<Record<string, unknown>>)[name]] as const) // an object, as above
      const part = parse({ value: Object.fromEntries(members), issues: [] }, context) as Payload // as above
      for (const issue of part.issues) keep(payload.issues, issue)
      for (const member of Object.entries(part.value as object)) value.push(member) // a record, as it came
    }
    payload.value = Object.fromEntries(value)
    return payload
  }

/** Shape is judged before validators: an issue of shape is kept however many a validator has made before it. */
function keep(issues: RawIssue[], issue: RawIssue): void {
  if (issues.length <= MAX_ISSUES || isShapeIssue(issue)) issues.push(issue)
}

const hasEnough = (issues: readonly RawIssue[]): boolean =>
  issues.length > MAX_ISSUES && issues.filter(isShapeIssue).length > MAX_ISSUES
