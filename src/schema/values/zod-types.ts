// The team's Zod schemas as both faces can show them: the few shapes that GraphQL and JSON have in common.
import { z } from 'zod'
import { defined } from '../../defined.ts'
import type { KindName } from './kinds.ts'
import type { Member, ValueType } from './value-types.ts'

export type { Member, ValueType } from './value-types.ts'

export interface ZodFault {
  readonly path: string
  readonly what: string
}

type AnyDef = z.core.$ZodTypes['_zod']['def']

const kindOfFormat: Readonly<Record<string, Exclude<KindName, 'enum'>>> = {
  uuid: 'uuid',
  guid: 'uuid',
  date: 'date',
  time: 'time',
  datetime: 'dateTime',
  duration: 'duration',
  base64: 'bytes',
  'date-time': 'dateTime',
  'local-date-time': 'localDateTime',
  decimal: 'decimal',
  bigint: 'bigint',
}

/** Describes a schema; what GraphQL has no type for goes to `faults`, by its path. */
export function describeZod(schema: z.core.$ZodType, faults: ZodFault[] = [], path = ''): Member {
  const def = (schema as z.core.$ZodTypes)._zod.def // the union of all of Zod's classes
  const wrapped = unwrap(def, faults, path)
  if (wrapped !== null) return withMeta(schema, wrapped)
  return withMeta(schema, {
    value: describeValue(schema, def, faults, path),
    nullable: false,
    optional: false,
  })
}

function unwrap(def: AnyDef, faults: ZodFault[], path: string): Member | null {
  switch (def.type) {
    case 'optional':
    case 'default':
    case 'prefault':
      return { ...describeZod(def.innerType, faults, path), optional: true }
    case 'nullable':
      return { ...describeZod(def.innerType, faults, path), nullable: true }
    case 'readonly':
    case 'nonoptional':
      return { ...describeZod(def.innerType, faults, path), optional: false }
    default:
      return null
  }
}

function withMeta(schema: z.core.$ZodType, member: Member): Member {
  const meta = metaOf(schema)
  return {
    ...member,
    ...defined({
      description: meta?.description,
      deprecated: meta?.deprecated === true || undefined,
    }),
  }
}

const fault = (faults: ZodFault[], path: string, what: string): ValueType => {
  faults.push({ path, what })
  return { type: 'scalar', kind: 'json' }
}

// oxlint-disable-next-line complexity -- one arm for each type of Zod's
function describeValue(
  schema: z.core.$ZodType,
  def: AnyDef,
  faults: ZodFault[],
  path: string,
): ValueType {
  const { id: name, description } = metaOf(schema) ?? {}
  const named = defined({ name })
  switch (def.type) {
    case 'string':
      return { type: 'scalar', kind: kindOfFormat[formatOf(schema)] ?? 'text' }
    case 'boolean':
      return { type: 'scalar', kind: 'boolean' }
    case 'unknown':
      return { type: 'scalar', kind: 'json' }
    case 'number':
      return describeNumber(schema, faults, path)
    case 'enum':
      return { type: 'enum', ...named, labels: Object.values(def.entries).map(String) }
    case 'literal':
      return def.values.every((value) => typeof value === 'string')
        ? { type: 'enum', ...named, labels: def.values.map(String) }
        : fault(faults, path, 'is a literal that is no text, which GraphQL has no type for.')
    case 'array':
      return { type: 'list', of: describeZod(def.element, faults, `${path}[]`) }
    case 'object': {
      const members = Object.entries(def.shape).map(
        ([key, member]) => [key, describeZod(member, faults, `${path}.${key}`)] as const,
      )
      if (members.length === 0)
        return fault(faults, path, 'is an object without members, which GraphQL has no type for.')
      return { type: 'object', ...defined({ name, description }), members: new Map(members) }
    }
    default:
      return fault(
        faults,
        path,
        `is Zod's ${def.type}, which GraphQL has no type for; use objects, arrays, text, numbers, booleans and enums.`,
      )
  }
}

/** A string format may be the schema's own or a check on it: z.uuid() and z.string().check(z.uuid()) alike. */
function formatOf(schema: z.core.$ZodType): string {
  const bag = (schema as z.core.$ZodString)._zod.bag // callers have looked at the def's type
  return bag.format ?? (schema as { readonly format?: string }).format ?? ''
}

function describeNumber(schema: z.core.$ZodType, faults: ZodFault[], path: string): ValueType {
  const format = formatOf(schema)
  if (format === 'int32') return { type: 'scalar', kind: 'integer' }
  if (format === 'safeint')
    return fault(faults, path, 'is z.int(), which has 53 bits where GraphQL has 32; use z.int32().')
  return { type: 'scalar', kind: 'float' }
}

/** What of a schema neither face could show alike. */
export function unsupportedZod(schema: z.core.$ZodType): readonly ZodFault[] {
  const faults: ZodFault[] = []
  describeZod(schema, faults)
  return faults
}

/** Strict copies keep the description and the name of what they were made of: Zod's registry takes a name once only. */
const originals = new WeakMap<z.core.$ZodType, z.core.$ZodType>()

const metaOf = (schema: z.core.$ZodType) => z.globalRegistry.get(originals.get(schema) ?? schema)

/** A schema's definition with other values for some members. A default of Zod is a getter, which must stay one: each read makes a new value. */
export const changedDef = <D extends object>(def: D, changes: Partial<D>): D =>
  Object.create(Object.getPrototypeOf(def), {
    ...Object.getOwnPropertyDescriptors(def),
    ...Object.getOwnPropertyDescriptors(changes),
  })

/** z.object drops unknown members in silence; an input never does, at any depth. */
export function deepStrict<S extends z.core.$ZodType>(schema: S): S {
  const general: z.core.$ZodType = schema
  const def = (general as z.core.$ZodTypes)._zod.def // as in describeZod
  const again = (changes: object): S => {
    const copy = z.core.clone(schema, changedDef(def, changes)) // the same class of schema, its parts made strict
    originals.set(copy, schema)
    return copy
  }
  switch (def.type) {
    case 'object':
      return again({
        catchall: z.never(),
        shape: Object.fromEntries(
          Object.entries(def.shape).map(([name, member]) => [name, deepStrict(member)]),
        ),
      })
    case 'array':
      return again({ element: deepStrict(def.element) })
    case 'optional':
    case 'default':
    case 'prefault':
    case 'nullable':
    case 'readonly':
    case 'nonoptional':
      return again({ innerType: deepStrict(def.innerType) })
    default:
      return schema
  }
}
