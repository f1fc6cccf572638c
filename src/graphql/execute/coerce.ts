// Coerces variables and arguments by functions made once for each type and each place in a document.
// A value that they do not accept is not an error yet: graphql-js then takes the request, and says what is wrong with it.
import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  isScalarType,
  Kind as Ast,
  type OperationDefinitionNode,
  typeFromAST,
  type ValueNode,
  valueFromAST,
  type VariableDefinitionNode,
  visit,
} from 'graphql'
import { refusesObjects } from '../document/variable-size.ts'

export type VariableValues = Readonly<Record<string, unknown>>

/** A member by a name that a caller may have chosen, such as `constructor`. */
export const ownMember = <T>(members: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(members, name) ? members[name] : undefined

/** The value of what a compiled operation does not accept. Any other value may be right, undefined too. */
const UNFIT: unique symbol = Symbol('unfit')

const unfit = (): typeof UNFIT => UNFIT

/** Values met in one request; more than the limit is refused before it costs much (read-document.ts, Limits). */
interface Counter {
  left: number
}

type Coerce = (value: unknown, counter: Counter) => unknown

const coercers = new WeakMap<GraphQLInputType, Coerce>()

function coercerOf(type: GraphQLInputType): Coerce {
  const known = coercers.get(type)
  if (known !== undefined) return known
  const made = makeCoercer(type)
  coercers.set(type, made)
  return made
}

function makeCoercer(type: GraphQLInputType): Coerce {
  if (isNonNullType(type)) {
    const inner = coercerOf(type.ofType)
    return (value, counter) =>
      value === null || value === undefined ? UNFIT : inner(value, counter)
  }
  if (isListType(type)) {
    const element = coercerOf(type.ofType)
    return (value, counter) => {
      if (value === null || value === undefined) return value
      const elements: readonly unknown[] = Array.isArray(value) ? value : [value]
      return count(counter, elements.length)
        ? coerceElements(elements, (one) => element(one, counter))
        : UNFIT
    }
  }
  return isInputObjectType(type) ? objectCoercer(type) : leafCoercer(type)
}

function coerceElements(
  elements: readonly unknown[],
  coerce: (element: unknown) => unknown,
): readonly unknown[] | typeof UNFIT {
  const coerced: unknown[] = []
  for (const element of elements) {
    const value = coerce(element ?? null)
    if (value === UNFIT) return UNFIT
    coerced.push(value)
  }
  return coerced
}

const known = (value: unknown): unknown => (value === undefined ? UNFIT : value)

function leafCoercer(type: GraphQLInputType): Coerce {
  if (!isScalarType(type) && !isEnumType(type)) return unfit
  return (value) => {
    if (value === null || value === undefined) return value
    if (typeof value === 'object' && refusesObjects(type)) return UNFIT
    try {
      return known(type.parseValue(value))
    } catch {
      return UNFIT // graphql-js throws it again, to the caller
    }
  }
}

/** Whether this many values more are within the limit. */
function count(counter: Counter, more: number): boolean {
  counter.left -= more
  return counter.left >= 0
}

/** Looks at the members that are given, and not at all that there could be. */
function objectCoercer(type: GraphQLInputObjectType): Coerce {
  const fields = type.getFields()
  const required = Object.values(fields)
    .filter((field) => isNonNullType(field.type) && field.defaultValue === undefined)
    .map(({ name }) => name)
  const defaults = Object.values(fields).filter((field) => field.defaultValue !== undefined)
  if (defaults.length > 0) return unfit // no input of ours has any
  const coerceMembers = (
    given: readonly (readonly [string, unknown])[],
    counter: Counter,
  ): VariableValues | typeof UNFIT => {
    const coerced: Record<string, unknown> = {}
    for (const [name, member] of given) {
      const field = ownMember(fields, name)
      if (field === undefined || member === undefined) return UNFIT
      const value = coercerOf(field.type)(member, counter)
      if (value === UNFIT) return UNFIT
      coerced[name] = value
    }
    return required.every((name) => coerced[name] !== undefined) ? coerced : UNFIT
  }
  return (value, counter) => {
    if (value === null || value === undefined) return value
    if (typeof value !== 'object' || Array.isArray(value)) return UNFIT
    const given = Object.entries(value)
    if (!count(counter, given.length + 1)) return UNFIT
    if (type.isOneOf && (given.length !== 1 || given[0]?.[1] === null)) return UNFIT
    return coerceMembers(given, counter)
  }
}

/** Null where a variable does not fit what was compiled. */
export type CoerceVariables = (given: VariableValues) => VariableValues | null

interface Declaring {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
}

/** The variables of an operation; null where one of them has no input type, which validation has refused. */
export function variablesOf(
  { schema, document, operation }: Declaring,
  limit: number,
): CoerceVariables | null {
  const definitions = operation.variableDefinitions ?? []
  const variables = definitions.map((definition) => toVariable(schema, definition))
  if (variables.includes(null)) return null
  const needed = variablesInConditions(document)
  return (given) => {
    const counter: Counter = { left: limit }
    const values: Record<string, unknown> = {}
    for (const variable of variables) {
      if (variable === null) continue
      const value = ownMember(given, variable.name)
      const coerced = value === undefined ? variable.fallback : variable.coerce(value, counter)
      if (coerced === UNFIT) return null
      if (coerced !== undefined) values[variable.name] = coerced
      else if (variable.required || needed.has(variable.name)) return null
    }
    return values
  }
}

function toVariable(
  schema: GraphQLSchema,
  { variable, type: node, defaultValue }: VariableDefinitionNode,
) {
  const type = typeFromAST(schema, node)
  if (!isInputType(type)) return null
  const fallback = defaultValue === undefined ? undefined : valueFromAST(defaultValue, type)
  return {
    name: variable.name.value,
    coerce: coercerOf(type),
    required: isNonNullType(type),
    fallback,
  }
}

/** Variables inside of a `where` or as `ifVersion`, in fragments too, which a request may not leave out: see required-variables.ts. */
function variablesInConditions(document: DocumentNode): ReadonlySet<string> {
  const names = new Set<string>()
  visit(document, {
    Argument: ({ name, value }) => {
      if (name.value === 'ifVersion' || (name.value === 'where' && value.kind !== Ast.VARIABLE))
        visit(value, {
          Variable: (variable) => {
            names.add(variable.name.value)
          },
        })
    },
  })
  return names
}

/** Null where a variable is absent that an argument needs. */
export type ReadArguments = (variables: VariableValues) => VariableValues | null

/** Puts an argument's value among those of its field; false where it does not fit. */
type ReadArgument = (into: Record<string, unknown>, variables: VariableValues) => boolean

/** The arguments of a field at a place, constants read once; null where a constant does not fit. */
export function argumentsOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
): ReadArguments | null {
  const given = new Map((node.arguments ?? []).map((argument) => [argument.name.value, argument]))
  const fixed: Record<string, unknown> = {}
  const reads: ReadArgument[] = []
  for (const argument of field.args) {
    const literal = given.get(argument.name)
    if (literal === undefined) {
      if (argument.defaultValue !== undefined) fixed[argument.name] = argument.defaultValue
      continue
    }
    const read = argumentReader(argument, literal)
    if (hasVariables(literal.value)) reads.push(read)
    else if (!read(fixed, {})) return null
  }
  if (reads.length === 0) return () => fixed
  return (variables) => {
    const values = { ...fixed }
    return reads.every((read) => read(values, variables)) ? values : null
  }
}

function argumentReader(
  { name, type, defaultValue }: GraphQLArgument,
  { value }: ArgumentNode,
): ReadArgument {
  if (value.kind !== Ast.VARIABLE)
    return (into, variables) => {
      const read = valueFromAST(value, type, variables)
      if (read !== undefined) into[name] = read
      return read !== undefined
    }
  const required = isNonNullType(type)
  return (into, variables) => {
    const given = variables[value.name.value]
    if (given === undefined) return !required && defaultValue === undefined
    if (given === null && required) return false
    into[name] = given
    return true
  }
}

function hasVariables(value: ValueNode): boolean {
  let found = false
  visit(value, {
    Variable: () => {
      found = true
    },
  })
  return found
}
