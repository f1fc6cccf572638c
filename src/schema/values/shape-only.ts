// A team's own schema without its validators: shape and type alone, for callers who are refused every such request.
import { z } from 'zod'
import { isKindFormat } from './issue-stage.ts'
import { changedDef } from './zod-types.ts'

type Schema = z.core.$ZodType
type Check = z.core.$ZodCheck

/** The parts of a schema are those that operations' inputs may have: see zod-types.ts. */
export function shapeOnly<S extends Schema>(schema: S): S {
  const general: Schema = schema
  const def = (general as z.core.$ZodTypes)._zod.def // the union of all of Zod's classes
  const checks = (def.checks ?? []).filter((check) => isOfShape(def.type, check))
  const again = (changes: object): S =>
    z.core.clone(schema, changedDef(def, { checks, ...changes }))
  switch (def.type) {
    case 'object': {
      const members = Object.entries(def.shape).map(
        ([name, member]) => [name, shapeOnly(member)] as const,
      )
      return again({ shape: Object.fromEntries(members) })
    }
    case 'array':
      return again({ element: shapeOnly(def.element) })
    case 'optional':
    case 'default':
    case 'prefault':
    case 'nullable':
    case 'readonly':
    case 'nonoptional':
      return again({ innerType: shapeOnly(def.innerType) })
    default:
      return again({})
  }
}

/** The same as issue-stage.ts says of a check's issue; and what changes a text before such a check, as trim does. */
function isOfShape(type: string, { _zod: { def } }: Check): boolean {
  switch (def.check) {
    case 'overwrite':
    case 'number_format':
      return true
    case 'max_length':
      return type === 'array'
    case 'string_format':
      return 'format' in def && isKindFormat(String(def.format))
    default:
      return false
  }
}
