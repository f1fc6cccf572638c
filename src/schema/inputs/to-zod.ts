// Types printed as Zod schemas: both faces check their inputs by these.
import { z } from 'zod'
import { kinds } from '../values/kinds.ts'
import { shapeRule } from '../values/issue-stage.ts'
import {
  boundsOf,
  documented,
  type ListType,
  type Member,
  type Members,
  type ObjectType,
  type CountRule,
  type ValueType,
} from '../values/value-types.ts'

type Print = (type: ValueType) => z.ZodType
type PrintMember = (of: Member) => z.ZodType

/** A type is printed once: JSON Schema knows a schema by its identity. */
function openPrinter(describe: (schema: z.ZodType, of: Member) => z.ZodType): Print {
  const printed = new WeakMap<ValueType, z.ZodType>()
  const once = (type: ValueType, build: () => z.ZodType): z.ZodType => {
    const schema = printed.get(type) ?? build()
    printed.set(type, schema)
    return schema
  }
  const member: PrintMember = (of) => describe(toMember(of, print), of)
  const print: Print = (type) => {
    switch (type.type) {
      case 'scalar':
        return type.check ?? kinds[type.kind].wire
      case 'enum':
        return type.check ?? once(type, () => z.enum(type.labels))
      case 'list':
        return type.check ?? once(type, () => toList(type, member))
      case 'object':
        return once(type, () => toObject(type, member))
    }
  }
  return print
}

/** The schema that checks the values of a type. */
export const toZod: Print = openPrinter((schema) => schema)

/** The same for a document: members of plain types carry what the document says of them; objects say it themselves. */
export const toDescribedZod: Print = openPrinter((schema, member) => {
  const about = documented(member)
  return isObject(member.value) || Object.keys(about).length === 0 ? schema : schema.meta(about)
})

const isObject = (type: ValueType): boolean =>
  type.type === 'list' ? isObject(type.of.value) : type.type === 'object'

function toMember({ value, nullable, optional, rule }: Member, print: Print): z.ZodType {
  const schema = withRule(print(value), rule)
  const whole = nullable ? schema.nullable() : schema
  return optional ? whole.optional() : whole
}

function toList({ of, least, most, unique }: ListType, member: PrintMember): z.ZodType {
  let list = z.array(member(of))
  if (least !== undefined) list = list.min(least)
  if (most !== undefined) list = list.max(most)
  if (unique === undefined) return list
  return list.refine((names) => new Set(names).size === names.length, shapeRule(unique))
}

function toObject(type: ObjectType, member: PrintMember): z.ZodType {
  const { rule, either = [], members } = type
  const object = withRule(z.strictObject(toShape(members, member)), rule, members)
  if (either.length === 0) return object
  return object.meta({
    allOf: either.map(({ member: name, others }) => ({
      oneOf: [{ required: [name] }, { required: others }],
    })),
  })
}

/** What leads to other objects is printed when Zod first looks at it: schemas may then refer to each other in circles. */
function toShape(members: Members, print: PrintMember): Record<string, z.ZodType> {
  const shape: Record<string, z.ZodType> = {}
  for (const [name, member] of members) {
    let schema = isObject(member.value) ? undefined : print(member)
    const get = () => (schema ??= print(member))
    Object.defineProperty(shape, name, { enumerable: true, configurable: true, get })
  }
  return shape
}

/** Adds the rule as a check of Zod, and its JSON Schema as Zod's `meta`. */
function withRule(schema: z.ZodType, rule: CountRule | undefined, members?: Members): z.ZodType {
  if (rule === undefined) return schema
  const { of, least, most = Infinity, message, besideFaults } = rule
  const { when, ...about } = shapeRule(message)
  const holds = (value: unknown): boolean => {
    const given = countGiven(value as object, of) // Zod has found an object
    return given >= least && given <= most
  }
  return schema
    .refine(holds, besideFaults === true ? about : { ...about, when })
    .meta(boundsOf(rule, members))
}

/** Counts the given members. An undefined one does not count: an absent variable must never widen a filter. */
function countGiven(value: object, of: readonly string[] | undefined): number {
  let count = 0
  for (const [name, member] of Object.entries(value))
    if (member !== undefined && (of === undefined || of.includes(name))) count += 1
  return count
}
