// How much text a team's validator sees: its time may grow faster than the text, so the text is bounded before it.
import type { z } from 'zod'
import type { Issue } from '../../errors.ts'
import { areValidatorsOff } from './validators.ts'

/** Characters of text that a team's validator sees, where it declares no greater `max` itself. */
export const MAX_VALIDATED_CHARACTERS = 10_000

/**
 * What the team's `validate` makes of a schema. Its validators see no text above the bound, which a `max` of theirs may raise,
 * and no value at all while they are off: the check before them aborts.
 * @param validate is called once: a name that it gives to its schema is registered once
 */
export function validated(
  schema: z.ZodType,
  validate: (schema: z.ZodType) => z.ZodType,
): z.ZodType {
  const own: { max?: number } = {}
  const bounded = schema.refine(
    (value) =>
      !areValidatorsOff() && isWithin(value, Math.max(own.max ?? 0, MAX_VALIDATED_CHARACTERS)),
    {
      error: () => tooLong(own.max ?? MAX_VALIDATED_CHARACTERS),
      abort: true,
      params: { code: 'too_big' },
    },
  )
  const made = validate(bounded)
  const max = declaredMax(made)
  if (max !== undefined) own.max = max
  return made
}

const tooLong = (characters: number): string => `At most ${characters} characters.`

/** Whether every text of a value is at most so long, those of lists and JSON documents included. */
function isWithin(value: unknown, most: number): boolean {
  if (typeof value === 'string') return value.length <= most
  return (
    typeof value !== 'object' ||
    value === null ||
    Object.values(value).every((member) => isWithin(member, most))
  )
}

/** The most characters that a schema of text takes by its own `max`; undefined where it has none. */
export function declaredMax(schema: z.core.$ZodType): number | undefined {
  const def = (schema as z.core.$ZodTypes)._zod.def // the union of all of Zod's classes
  const inner = innerOf(def)
  if (inner !== null) return declaredMax(inner)
  if (def.type !== 'string') return undefined
  const { maxLength } = schema as z.ZodString // as its type says
  return maxLength ?? undefined
}

function innerOf(def: z.core.$ZodTypes['_zod']['def']): z.core.$ZodType | null {
  switch (def.type) {
    case 'array':
      return def.element
    case 'pipe':
      return def.in
    case 'optional':
    case 'default':
    case 'prefault':
    case 'nullable':
    case 'readonly':
    case 'nonoptional':
      return def.innerType
    default:
      return null
  }
}

/** The texts of an operation's input that are too long for the validators of its schema, each at its path. */
export function textsTooLong(
  schema: z.core.$ZodType,
  value: unknown,
  path: Issue['path'] = [],
): readonly Issue[] {
  if (typeof value === 'string') {
    const declared = declaredMax(schema)
    if (value.length <= Math.max(declared ?? 0, MAX_VALIDATED_CHARACTERS)) return []
    return [
      {
        in: 'input',
        path,
        code: 'too_big',
        message: tooLong(declared ?? MAX_VALIDATED_CHARACTERS),
      },
    ]
  }
  if (typeof value !== 'object' || value === null) return []
  const of = Array.isArray(value)
  for (const [name, member] of Object.entries(value)) {
    const found = textsTooLong(memberOf(schema, name), member, [...path, of ? Number(name) : name])
    if (found.length > 0) return found // one is enough: the texts after it would be read for nothing
  }
  return []
}

/** The schema of a member; of anything else the schema itself, which has no `max` of text. */
function memberOf(schema: z.core.$ZodType, name: string): z.core.$ZodType {
  const def = (schema as z.core.$ZodTypes)._zod.def // as above
  if (def.type === 'object')
    return Object.hasOwn(def.shape, name) ? (def.shape[name] ?? schema) : schema
  if (def.type === 'array') return def.element
  const inner = innerOf(def)
  return inner === null ? schema : memberOf(inner, name)
}
