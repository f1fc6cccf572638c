// Values as literals of a GraphQL document, and names of enum values.
import { isGraphqlName } from '../../../schema/declare/names.ts'
import { isRawNumber } from '../../objects.ts'

/** The name of an enum value: a text in variables, without quotes in a literal. */
interface EnumName {
  readonly enumName: string
  toJSON(): string
}
const names = new WeakSet<object>()

export function toEnumName(enumName: string): EnumName {
  const name: EnumName = Object.freeze({ enumName, toJSON: () => enumName })
  names.add(name)
  return name
}

const isEnumName = (value: unknown): value is EnumName =>
  typeof value === 'object' && value !== null && names.has(value)

/** The literal of a value; null where GraphQL has none, such as for a member whose name is no GraphQL name. */
export function toLiteral(value: unknown): string | null {
  if (isEnumName(value)) return value.enumName
  if (Array.isArray(value)) return enclose('[', value.map(toLiteral), ']')
  if (typeof value !== 'object' || value === null || isRawNumber(value))
    return JSON.stringify(value) ?? null
  return enclose('{', Object.entries(value).map(toMember), '}')
}

function toMember([name, value]: readonly [name: string, value: unknown]): string | null {
  const literal = isGraphqlName(name) ? toLiteral(value) : null
  return literal === null ? null : `${name}: ${literal}`
}

const enclose = (open: string, parts: readonly (string | null)[], close: string): string | null =>
  parts.includes(null) ? null : `${open}${parts.join(', ')}${close}`
