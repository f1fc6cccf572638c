// Text of a URL to JSON values, strictly by the kind of what it stands for. Text that is no such value stays text: the
// engine then says what is wrong with it, in the words and at the path that GraphQL has for a wrong variable.
import type { Field } from '../../schema/model/model.ts'
import type { KindName } from '../../schema/values/kinds.ts'
import type { Operator } from '../../schema/model/operators.ts'

const jsonInteger = /^-?(0|[1-9]\d*)$/
const jsonNumber = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

/** A whole number as JSON writes it, or the text as it is. */
export const toInteger = (text: string): unknown => jsonInteger.test(text) ? Number(text) : text

export function toJsonValue(kind: KindName, text: string): unknown {
  switch (kind) {
    case 'smallint':
    case 'integer': return toInteger(text)
    case 'float': return jsonNumber.test(text) ? Number(text) : text
    case 'geometry': return parseJson(text)?.value ?? text
    case 'boolean': return text === 'true' ? true : text === 'false' ? false : text
    default: return text
  }
}

/** The operand of a comparison such as `price[gte]=10`; null when a list or JSON cannot be read. */
export function toOperand(field: Field, operator: Operator, text: string): { readonly value: unknown } | null {
  if (operator.takes === 'boolean') return { value: toJsonValue('boolean', text) }
  if (operator.takes === 'key') return { value: text }
  if (field.kind.name === 'json') return parseJson(text)
  const many = operator.takes === 'values' || operator.takes === 'elements' || (operator.takes === 'value' && field.list)
  if (!many) return { value: toJsonValue(field.kind.name, text) }
  const members = splitList(text)
  return members === null ? null : { value: members.map((member) => toJsonValue(field.kind.name, member)) }
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

/** JSON text whose objects name every member once; null for anything else. JSON.parse alone would take the last of two. */
export function parseJson(text: string): { readonly value: unknown } | null {
  try {
    const value: unknown = JSON.parse(text)
    const colons = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '').split(':').length - 1
    return colons === countMembers(value) ? { value } : null
  } catch {
    return null // malformed: said by the caller, who knows the parameter
  }
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const members: unknown[] = Object.values(value)
  return members.reduce<number>((sum, member) => sum + countMembers(member), Array.isArray(value) ? 0 : members.length)
}
