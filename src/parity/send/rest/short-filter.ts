// The short form of filters in a query string: `price[gte]=10`.
import type { KindName } from '../../../schema/values/kinds.ts'
import type { Field, Resource } from '../../../schema/model/model.ts'
import { type Operator, operatorsOf } from '../../../schema/model/operators.ts'
import { isJsonObject } from '../../objects.ts'

type TextParameter = readonly [name: string, text: string]

/** The filter as one parameter for each comparison; null where a part of it has no short form. */
export function toShortFilter(resource: Resource, where: unknown): readonly TextParameter[] | null {
  if (!isJsonObject(where)) return null
  const parameters: TextParameter[] = []
  for (const [name, comparison] of Object.entries(where)) {
    const field = resource.fields.get(name)
    if (field === undefined) return null
    const short = toComparisons(field, comparison)
    if (short === null) return null
    parameters.push(...short)
  }
  return parameters.length === 0 ? null : parameters
}

function toComparisons(field: Field, comparison: unknown): readonly TextParameter[] | null {
  if (!isJsonObject(comparison) || Object.keys(comparison).length === 0) return null
  const parameters: TextParameter[] = []
  for (const [name, operand] of Object.entries(comparison)) {
    const operator = operatorsOf(field).find((one) => one.name === name)
    if (operator === undefined) return null
    const text = operandText(field, operator, operand)
    if (text === null) return null
    parameters.push([`${field.name}[${name}]`, text])
  }
  return parameters
}

/** The operand as text; null where it has no text, or where the text would mean another operand. */
function operandText(field: Field, { takes }: Operator, operand: unknown): string | null {
  if (takes === 'boolean') return scalarText('boolean', operand)
  if (takes === 'key') return scalarText('text', operand)
  if (field.kind.name === 'json') return JSON.stringify(operand)
  if (takes === 'values' && field.list) return null
  const isList = takes === 'values' || takes === 'elements' || (takes === 'value' && field.list)
  return isList ? listText(field.kind.name, operand) : scalarText(field.kind.name, operand)
}

function listText(kind: KindName, operand: unknown): string | null {
  if (!Array.isArray(operand)) return null
  const parts: string[] = []
  for (const one of operand) {
    const text = scalarText(kind, one)
    if (text === null) return null
    parts.push(quoted(text))
  }
  return parts.join(',')
}

const numberKinds: ReadonlySet<KindName> = new Set(['integer', 'smallint', 'float'])

/** The text of a scalar; null where the text would be read as another value. */
function scalarText(kind: KindName, value: unknown): string | null {
  if (!isReadFromText(kind, value)) return null
  return typeof value === 'number' ? String(value).replace('e+', 'e') : String(value)
}

/** Whether REST reads the value's text as this value. */
function isReadFromText(kind: KindName, value: unknown): boolean {
  if (numberKinds.has(kind)) return typeof value === 'number' && !Object.is(value, -0)
  if (kind === 'boolean') return typeof value === 'boolean'
  return typeof value === 'string' && value.isWellFormed()
}

/** An element of a list in a query string. */
export const quoted = (text: string): string =>
  /^$|[,"\\]/.test(text) ? `"${text.replaceAll(/["\\]/g, '\\$&')}"` : text
