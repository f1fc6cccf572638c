// Values on their way in, by functions made once for each type and each place in a document. What they do not take is not
// wrong yet: it goes the ordinary way, where graphql-js says what is wrong with it.
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

export type Values = Readonly<Record<string, unknown>>

/** Thrown where a request does not fit what was compiled. */
export class NotCompiled extends Error {}

const refuse = (): never => {
  throw new NotCompiled('The request does not fit the compiled operation.')
}

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
      value === null || value === undefined ? refuse() : inner(value, counter)
  }
  if (isListType(type)) {
    const element = coercerOf(type.ofType)
    return (value, counter) => {
      if (value === null || value === undefined) return value
      const elements: readonly unknown[] = Array.isArray(value) ? value : [value]
      count(counter, elements.length)
      return elements.map((one) => element(one ?? null, counter))
    }
  }
  return isInputObjectType(type) ? objectCoercer(type) : leafCoercer(type)
}

function leafCoercer(type: GraphQLInputType): Coerce {
  if (!isScalarType(type) && !isEnumType(type)) return refuse
  return (value) => {
    if (value === null || value === undefined) return value
    if (typeof value === 'object' && refusesObjects(type)) return refuse()
    try {
      const parsed: unknown = type.parseValue(value)
      return parsed === undefined ? refuse() : parsed
    } catch {
      return refuse() // the ordinary way says what is wrong
    }
  }
}

function count(counter: Counter, more: number): void {
  counter.left -= more
  if (counter.left < 0) refuse()
}

/** Looks at the members that are given, and not at all that there could be. */
function objectCoercer(type: GraphQLInputObjectType): Coerce {
  const fields = type.getFields()
  const required = Object.values(fields)
    .filter((field) => isNonNullType(field.type) && field.defaultValue === undefined)
    .map(({ name }) => name)
  const defaults = Object.values(fields).filter((field) => field.defaultValue !== undefined)
  if (defaults.length > 0) return refuse // no input of ours has any
  const coerceMembers = (
    given: readonly (readonly [string, unknown])[],
    counter: Counter,
  ): Values => {
    const coerced: Record<string, unknown> = {}
    for (const [name, member] of given) {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined
      if (field === undefined || member === undefined) return refuse()
      coerced[name] = coercerOf(field.type)(member, counter)
    }
    return required.every((name) => coerced[name] !== undefined) ? coerced : refuse()
  }
  return (value, counter) => {
    if (value === null || value === undefined) return value
    if (typeof value !== 'object' || Array.isArray(value)) return refuse()
    const given = Object.entries(value)
    count(counter, given.length + 1)
    if (type.isOneOf && (given.length !== 1 || given[0]?.[1] === null)) return refuse()
    return coerceMembers(given, counter)
  }
}

/** @throws NotCompiled */
export type CoerceVariables = (given: Values) => Values

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
      const value = Object.hasOwn(given, variable.name) ? given[variable.name] : undefined
      if (value !== undefined) values[variable.name] = variable.coerce(value, counter)
      else if (variable.fallback !== undefined) values[variable.name] = variable.fallback
      else if (variable.required || needed.has(variable.name)) refuse()
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

/** @throws NotCompiled */
export type ReadArguments = (variables: Values) => Values

/** The arguments of a field at a place: constants are read once. */
export function argumentsOf(field: GraphQLField<unknown, unknown>, node: FieldNode): ReadArguments {
  const given = new Map((node.arguments ?? []).map((argument) => [argument.name.value, argument]))
  const fixed: Record<string, unknown> = {}
  const reads: ((into: Record<string, unknown>, variables: Values) => void)[] = []
  for (const argument of field.args) {
    const literal = given.get(argument.name)
    if (literal === undefined) {
      if (argument.defaultValue !== undefined) fixed[argument.name] = argument.defaultValue
    } else if (hasVariables(literal.value)) reads.push(argumentReader(argument, literal))
    else fixed[argument.name] = known(valueFromAST(literal.value, argument.type))
  }
  if (reads.length === 0) return () => fixed
  return (variables) => {
    const values = { ...fixed }
    for (const read of reads) read(values, variables)
    return values
  }
}

function argumentReader({ name, type, defaultValue }: GraphQLArgument, { value }: ArgumentNode) {
  if (value.kind !== Ast.VARIABLE) {
    return (into: Record<string, unknown>, variables: Values): void => {
      into[name] = known(valueFromAST(value, type, variables))
    }
  }
  const required = isNonNullType(type)
  return (into: Record<string, unknown>, variables: Values): void => {
    const given = variables[value.name.value]
    if (given === undefined && (required || defaultValue !== undefined)) refuse()
    if (given === null && required) refuse()
    if (given !== undefined) into[name] = given
  }
}

const known = (value: unknown): unknown => (value === undefined ? refuse() : value)

function hasVariables(value: ValueNode): boolean {
  let found = false
  visit(value, {
    Variable: () => {
      found = true
    },
  })
  return found
}
