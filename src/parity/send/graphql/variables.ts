// The variables of a document while it is written.
import type { Model } from '../../../schema/model/model.ts'
import type { Style } from '../../request.ts'
import { toLiteral } from './literals.ts'

/** A document that is being written. */
export interface DocumentDraft {
  readonly model: Model
  /** The style of the field that is being written. */
  readonly style: Style
  /** The values of the variables, by name. */
  readonly variables: Record<string, unknown>
  /** `$v1: Int`, one for each variable. */
  readonly definitions: string[]
}

/** An argument of that name; none where there is no value. */
export const argument = (
  draft: DocumentDraft,
  name: string,
  type: string,
  value: unknown,
): readonly string[] => (value === undefined ? [] : [`${name}: ${toValue(draft, type, value)}`])

/** An argument that stands in the document even without a value. */
export const requiredArgument = (
  draft: DocumentDraft,
  name: string,
  type: string,
  value: unknown,
): string => `${name}: ${toValue(draft, type, value)}`

/** The value as a literal where the style asks for it and there is one, else a variable. */
function toValue({ style, variables, definitions }: DocumentDraft, type: string, value: unknown) {
  const literal = style.literals ? toLiteral(value) : null
  if (literal !== null) return literal
  const name = `v${definitions.length + 1}`
  definitions.push(`$${name}: ${type}`)
  variables[name] = value
  return `$${name}`
}

/** `(first: 3)` behind the name of a field; nothing without arguments. */
export const inParentheses = (parts: readonly string[]): string =>
  parts.length === 0 ? '' : `(${parts.join(', ')})`
