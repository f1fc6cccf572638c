// What would make coercing variables expensive, found first: graphql-js looks for every member of a type in every object, and
// writes whole values and suggestions for long names into its messages.
import {
  type GraphQLInputType,
  type GraphQLLeafType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInputType,
  isLeafType,
  isListType,
  isNonNullType,
  isSpecifiedScalarType,
  typeFromAST,
  type VariableDefinitionNode,
} from 'graphql'
import { addIssue, type Issue, MAX_ECHO_CHARS, Problem } from '../../errors.ts'

type Values = Readonly<Record<string, unknown>>

export const toBare = (type: GraphQLInputType | undefined) =>
  isNonNullType(type) ? type.ofType : type

export const memberType = (
  type: GraphQLInputType | undefined,
  name: string,
): GraphQLInputType | undefined =>
  isInputObjectType(type) ? type.getFields()[name]?.type : undefined

/** Whether a type takes no object, whatever is in it; to find out by its parser would write the object into an error. */
export const refusesObjects = (type: GraphQLLeafType): boolean =>
  isSpecifiedScalarType(type) || isEnumType(type)

interface Sizing {
  readonly limit: number
  readonly faults: Issue[]
  count: number
}

type Path = Issue['path']

/**
 * Counts the values of variables; what is inside of a JSON value does not count.
 * @returns wrong values that graphql-js is not to be asked about; none says nothing of the others
 * @throws Problem TOO_COMPLEX
 */
export function checkSize(
  schema: GraphQLSchema,
  limit: number,
  definitions: readonly VariableDefinitionNode[],
  variables: Values,
): readonly Issue[] {
  const sizing: Sizing = { limit, faults: [], count: 0 }
  for (const {
    type,
    variable: {
      name: { value: name },
    },
  } of definitions) {
    const input = typeFromAST(schema, type)
    if (isInputType(input)) walk(sizing, input, variables[name], [name])
  }
  return sizing.faults
}

function walk(
  sizing: Sizing,
  type: GraphQLInputType | undefined,
  value: unknown,
  path: Path,
): void {
  const bare = toBare(type)
  if (isListType(bare)) {
    const elements: readonly unknown[] = Array.isArray(value) ? value : [value]
    add(sizing, elements.length)
    for (const [i, element] of elements.entries()) walk(sizing, bare.ofType, element, [...path, i])
  } else if (isInputObjectType(bare)) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      walkMembers(sizing, bare, value, path)
  } else if (
    isLeafType(bare) &&
    typeof value === 'object' &&
    value !== null &&
    !takes(bare, value)
  ) {
    addIssue(sizing.faults, {
      in: 'document',
      path,
      code: 'wrong_type',
      message: `Expected a value of the type ${bare.name}.`,
    })
  }
}

function walkMembers(sizing: Sizing, type: GraphQLInputType, value: object, path: Path): void {
  const members = Object.entries(value)
  add(sizing, members.length + 1)
  for (const [name, member] of members) {
    const of = memberType(type, name)
    if (of === undefined && name.length > MAX_ECHO_CHARS) {
      addIssue(sizing.faults, {
        in: 'document',
        path: [...path, name],
        code: 'wrong_type',
        message: `There is no ${name} here.`,
      })
    }
    walk(sizing, of, member, [...path, name])
  }
}

function add(sizing: Sizing, more: number): void {
  sizing.count += more
  if (sizing.count > sizing.limit)
    throw new Problem('TOO_COMPLEX', `The variables hold more than ${sizing.limit} values.`)
}

function takes(type: GraphQLLeafType, value: object): boolean {
  if (refusesObjects(type)) return false
  try {
    return type.parseValue(value) !== undefined
  } catch {
    return false // the engine says what is wrong with it
  }
}
