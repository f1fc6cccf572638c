// Text of a URL to JSON values, strictly by the kind of what it stands for. Text that is no such value stays text: the
// engine then says what is wrong with it, in the words and at the path that GraphQL has for a wrong variable.
import { Problem } from '../../errors.ts'
import { type JsonFault, parseJson } from '../../json-text.ts'
import type { Field } from '../../schema/model/model.ts'
import type { KindName } from '../../schema/values/kinds.ts'
import type { Operator } from '../../schema/model/operators.ts'

/** A parameter of a URL. */
interface Parameter {
  readonly name: string
  readonly text: string
}

const jsonInteger = /^-?(0|[1-9]\d*)$/
const jsonNumber = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

/** Relations in one path, far beyond what the engine's limit on depth can be set to: levels are walked by recursion. */
export const MAX_PATH = 64

/** Names in one list of them. */
const MAX_NAMES = 10_000

/**
 * A list of names by comma.
 * @throws Problem TOO_COMPLEX
 */
export function splitNames(name: string, text: string): readonly string[] {
  const names = text.split(',', MAX_NAMES + 1)
  if (names.length > MAX_NAMES)
    throw new Problem('TOO_COMPLEX', `${name} has more than ${MAX_NAMES} names.`)
  return names
}

/** A whole number as JSON writes it, or the text as it is. */
export const toInteger = (text: string): unknown => (jsonInteger.test(text) ? Number(text) : text)

export function toJsonValue(kind: KindName, text: string): unknown {
  switch (kind) {
    case 'smallint':
    case 'integer':
      return toInteger(text)
    case 'float':
      return jsonNumber.test(text) ? Number(text) : text
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text
    default:
      return text
  }
}

/** A value of a parameter's text; `fault` is null where it is a list that cannot be read. */
export type ReadText =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly fault: JsonFault | null }

const read = (value: unknown): ReadText => ({ ok: true, value })

/** The operand of a comparison such as `price[gte]=10`. */
export function toOperand(field: Field, operator: Operator, { name, text }: Parameter): ReadText {
  if (operator.takes === 'boolean') return read(toJsonValue('boolean', text))
  if (operator.takes === 'key') return read(text)
  if (field.kind.name === 'json') return parseJson(text, name)
  if (field.kind.name === 'geometry') return toGeometry({ name, text })
  const many =
    operator.takes === 'values' ||
    operator.takes === 'elements' ||
    (operator.takes === 'value' && field.list)
  return many
    ? toList(text, (member) => toJsonValue(field.kind.name, member))
    : read(toJsonValue(field.kind.name, text))
}

/** A list, each member read by `toMember`. */
export function toList(text: string, toMember: (member: string) => unknown): ReadText {
  const members = splitList(text)
  return members === null ? { ok: false, fault: null } : read(members.map(toMember))
}

/** Text that is no JSON stays text, as everywhere here. */
function toGeometry({ name, text }: Parameter): ReadText {
  const parsed = parseJson(text, name)
  return !parsed.ok && parsed.fault.code === 'malformed_json' ? read(text) : parsed
}

/**
 * Members of a list: `a,b`, and in quotes what has a comma or begins with a quote: `"a,b","say \"so\""`. Empty text is
 * the empty list. The commas count after decoding, for most clients encode them. Null when a quote does not close.
 */
export function splitList(text: string): readonly string[] | null {
  if (text === '') return []
  const members: string[] = []
  const member = /"((?:[^"\\]|\\.)*)"|(?:[^",][^,]*)?/gy
  for (;;) {
    const match = member.exec(text)
    if (match === null) return null
    members.push(match[1] === undefined ? match[0] : match[1].replaceAll(/\\(.)/gs, '$1'))
    if (member.lastIndex === text.length) return members
    if (text[member.lastIndex] !== ',') return null
    member.lastIndex += 1
  }
}
