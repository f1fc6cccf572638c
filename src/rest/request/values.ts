// Text of a URL to JSON values, by the kind of the field. Text that is no value of the kind stays text: the engine refuses it
// with the same issue as a wrong variable of GraphQL.
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

/** Relations in one path: far more than the engine's limit on depth allows, and few enough for recursion. */
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

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
])

/** A value of the kind, or the text as it is. */
export function toJsonValue(kind: KindName, text: string): unknown {
  switch (kind) {
    case 'smallint':
    case 'integer':
      return toInteger(text)
    case 'float':
      return jsonNumber.test(text) ? Number(text) : text
    case 'boolean':
      return booleans.get(text) ?? text
    default:
      return text
  }
}

/** The value of a parameter's text; `fault` is null where a list cannot be read. */
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
  if (takesList(field, operator))
    return toList(text, (member) => toJsonValue(field.kind.name, member))
  return read(toJsonValue(field.kind.name, text))
}

const takesList = (field: Field, { takes }: Operator): boolean =>
  takes === 'values' || takes === 'elements' || (takes === 'value' && field.list)

/** A list, each member read by `toMember`. */
export function toList(text: string, toMember: (member: string) => unknown): ReadText {
  const members = splitList(text)
  return members === null ? { ok: false, fault: null } : read(members.map(toMember))
}

/** Text that is not JSON stays text. */
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
    const [plain, quoted] = match
    members.push(quoted?.replaceAll(/\\(.)/gs, '$1') ?? plain)
    if (member.lastIndex === text.length) return members
    if (text[member.lastIndex] !== ',') return null
    member.lastIndex += 1
  }
}
