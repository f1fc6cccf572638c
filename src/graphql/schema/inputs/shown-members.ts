// What GraphQL can show of a type: objects with members alone, what must be given, and exactly-one-of.
import type {
  Member,
  Members,
  ObjectType,
  CountRule,
  ValueType,
} from '../../../schema/values/value-types.ts'

type Named = readonly [string, Member]

/** The members of an object that is printed. */
export const shownIn = (type: ObjectType): readonly Named[] => shownOf(takeMembers(type))

/** GraphQL has no type without members. */
export const shownOf = (members: Members): readonly Named[] =>
  [...members].filter(([, { value }]) => hasMembers(value))

function hasMembers(type: ValueType): boolean {
  switch (type.type) {
    case 'scalar':
      return true
    case 'enum':
      return type.labels.length > 0
    case 'list':
      return hasMembers(type.of.value)
    case 'object':
      return filled.has(type) || lookAhead(type)
  }
}

/** Members are built at each look: those that were counted are kept until their type is printed. */
const counted = new WeakMap<ObjectType, Members>()
const filled = new WeakSet<ObjectType>()

function lookAhead(type: ObjectType): boolean {
  const { members } = type
  if (members.size === 0) return false
  filled.add(type)
  counted.set(type, members)
  return true
}

function takeMembers(type: ObjectType): Members {
  const members = counted.get(type) ?? type.members
  counted.delete(type)
  return members
}

/** Exactly one of all its members. */
export const isOneOf = (rule: CountRule | undefined): boolean =>
  rule?.of === undefined && rule?.least === 1 && rule.most === 1

/** GraphQL knows one way to leave a value out: null. */
export const isRequired = ({ nullable, optional }: Member): boolean => !nullable && !optional
