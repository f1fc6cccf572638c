// The language in which types of inputs and outputs are described: plain data, printed as Zod, as GraphQL and as JSON Schema.
import type { z } from 'zod'
import { defined } from '../../defined.ts'
import type { KindName } from './kinds.ts'

export type ValueType = ScalarType | LabelType | ListType | ObjectType

/** `check` is the Zod schema of the values where the type says less than it does: limits of a column, a team's own rules. */
interface Checked {
  readonly check?: z.ZodType
}

export interface ScalarType extends Checked {
  readonly type: 'scalar'
  readonly kind: Exclude<KindName, 'enum'>
}

/** One of some labels. */
export interface LabelType extends Checked {
  readonly type: 'enum'
  readonly name?: string
  readonly description?: string
  readonly labels: readonly string[]
  /** What documents say of single labels. */
  readonly about?: ReadonlyMap<string, About>
}

export interface ListType extends Checked {
  readonly type: 'list'
  readonly of: Member
  readonly least?: number
  readonly most?: number
  /** The message where two members are equal. */
  readonly unique?: string
}

export interface ObjectType {
  readonly type: 'object'
  /** The name of the type in both documents. For a team's own Zod schema, its `.meta({ id })`. */
  readonly name?: string
  readonly description?: string
  /** JSON Schema writes it where it is used, not as a component. */
  readonly inPlace?: true
  readonly rule?: CountRule
  /** Pairs of which a value has one half, as `allOf` in JSON Schema says it. The engine checks it. */
  readonly either?: readonly Either[]
  readonly members: Members
}

/** An object that both documents name. */
export type NamedType = ObjectType & { readonly name: string }

export type Members = ReadonlyMap<string, Member>

/** How many members an object must have. */
export interface CountRule {
  /** The members that count; all of them unless given. */
  readonly of?: readonly string[]
  readonly least: number
  readonly most?: number
  readonly message: string
  /** Checked although a validator of a member has failed too. */
  readonly besideFaults?: true
}

export interface Either {
  readonly member: string
  readonly others: readonly string[]
}

/** What documents say of a member beside its type. */
export interface About {
  readonly description?: string | undefined
  /** The reason, or `true` where none is given. */
  readonly deprecated?: string | true | undefined
}

/** A type with whether it may be null, and whether it may be left out. */
export interface Member extends About {
  readonly value: ValueType
  readonly nullable: boolean
  readonly optional: boolean
  /** A rule of this place, beside that of the type. */
  readonly rule?: CountRule
}

export const required = (value: ValueType, { description, deprecated }: About = {}): Member => ({
  value,
  nullable: false,
  optional: false,
  description,
  deprecated,
})

export const optional = (value: ValueType, { description, deprecated }: About = {}): Member => ({
  value,
  nullable: false,
  optional: true,
  description,
  deprecated,
})

/** What JSON Schema says: it has no place for the reason of a deprecation but the description. */
export function documented({ description, deprecated }: About) {
  const sentences = [description, deprecated].filter((part) => typeof part === 'string')
  return defined({
    description: sentences.length === 0 ? undefined : sentences.join(' '),
    deprecated: deprecated === undefined ? undefined : true,
  })
}

/** A rule on an object of these members as JSON Schema says it. */
export function boundsOf(rule: CountRule | undefined, members: Members = new Map()) {
  if (rule === undefined) return {}
  const { of, least, most } = rule
  const given = of === undefined ? [] : [...members.values()].filter((one) => !one.optional)
  return defined({
    minProperties: given.length + least,
    maxProperties: most === undefined ? undefined : given.length + most,
  })
}

/** An object whose members are built when a printer asks for them: filters lead to each other in circles. */
export const lazyObject = <const T extends Omit<ObjectType, 'type' | 'members'>>(
  about: T,
  build: () => Iterable<readonly [string, Member]>,
): T & ObjectType => ({
  ...about,
  type: 'object',
  get members() {
    return new Map(build())
  },
})
