// Variables: coerced by graphql-js; where they do not fit, the issues are those that REST gives for the same input.
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLEnumType,
  type GraphQLError,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getVariableValues,
  isEnumType,
  isInputObjectType,
  isListType,
  type OperationDefinitionNode,
  Kind as Ast,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql'
import { parseRequest, invalid, type RequestParser } from '../../engine/parse/parse-request.ts'
import { type Issue, MAX_ISSUES, Problem } from '../../errors.ts'
import { withoutValidators } from '../../schema/values/validators.ts'
import { absentInConditions } from './required-variables.ts'
import type { DocumentLimits } from './read-document.ts'
import { servedOperations, toRequest } from '../schema/operations.ts'
import { collect, type Reading } from '../request/selection.ts'
import { checkSize, memberType, toBare } from './variable-size.ts'

type Values = Readonly<Record<string, unknown>>

export interface Executing {
  readonly schema: GraphQLSchema
  readonly checker: RequestParser
  readonly introspection: boolean
  readonly limits: Pick<DocumentLimits, 'values'>
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
}

/**
 * Checks that variables fit the types that the operation gives them.
 * @throws Problem VALIDATION_FAILED, as the engine would for the same values
 */
export function checkVariables(executing: Executing, variables: Values): void {
  const { schema, operation } = executing
  if (operation.variableDefinitions === undefined || operation.variableDefinitions.length === 0)
    return
  const faults = checkSize(
    schema,
    executing.limits.values,
    operation.variableDefinitions,
    variables,
  )
  const coerced = (options: { readonly maxErrors: number; readonly hideSuggestions: boolean }) =>
    getVariableValues(schema, operation.variableDefinitions ?? [], variables, options).errors
  if (faults.length === 0 && coerced({ maxErrors: 1, hideSuggestions: true }) === undefined) {
    // only what is told is written
    const absent = absentInConditions(executing.document, operation, variables)
    if (absent.length > 0) throw invalid(absent)
    return
  }
  const issues = issuesOfShape(executing, variables)
  if (issues.length > 0) throw invalid(issues)
  if (faults.length > 0) throw invalid(faults)
  const errors = coerced({ maxErrors: MAX_ISSUES, hideSuggestions: !executing.introspection }) ?? []
  throw invalid(errors.map((error) => issueOfVariable(executing, error)))
}

/** What the engine says of values where literals do not fit, be they the literals' or the variables'. */
export function issuesOfLiterals(executing: Executing, variables: Values): readonly Issue[] {
  checkSize(
    executing.schema,
    executing.limits.values,
    executing.operation.variableDefinitions ?? [],
    variables,
  )
  return issuesOfShape(executing, variables)
}

/** Each operation of the document with its input as it came, judged by the engine. */
function issuesOfShape(
  { schema, checker, document, operation }: Executing,
  variables: Values,
): readonly Issue[] {
  const root = schema.getRootType(operation.operation)
  const fragments = Object.fromEntries(
    document.definitions.flatMap((node) =>
      node.kind === Ast.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
    ),
  )
  const reading: Reading = {
    model: checker.model,
    schema,
    fragments,
    variables: withDefaults(operation, variables),
    argumentsOf: rawArguments,
  }
  const found: FieldNode[] = []
  if (root !== null && root !== undefined) {
    collect(
      { reading: { ...reading, everything: true }, type: root.name, spread: new Set(), found },
      operation.selectionSet,
    )
  }
  const byName = new Map(servedOperations(checker.model).map((one) => [one.name, one]))
  return [...Map.groupBy(found, ({ alias, name }) => (alias ?? name).value).values()].flatMap(
    (nodes) => {
      // those of one response key are one field
      const [node] = nodes
      const [served, field] = [
        byName.get(node?.name.value ?? ''),
        root?.getFields()[node?.name.value ?? ''],
      ]
      if (node === undefined || served === undefined || field === undefined) return []
      const asked = toRequest(
        served,
        rawArguments(field, node, reading.variables),
        { ...reading, everything: true },
        nodes,
      )
      return issuesOf(() =>
        withoutValidators(() => parseRequest(checker, served, asked.input, asked.selection)),
      )
    },
  )
}

function issuesOf(check: () => unknown): readonly Issue[] {
  try {
    check()
    return []
  } catch (error) {
    if (error instanceof Problem && error.code === 'VALIDATION_FAILED') return error.issues
    throw error // unreadable or too complex: that comes before types
  }
}

const withDefaults = (
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Values,
): Values => ({
  ...Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue === undefined
        ? []
        : [[variable.name.value, valueFromASTUntyped(defaultValue)] as const],
    ),
  ),
  ...variables,
})

/** A field's arguments with variables put in as they came: what fits is coerced, what does not stays as it is. */
function rawArguments(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Values,
): Values {
  const given = new Map(
    (node.arguments ?? []).map((argument) => [argument.name.value, argument.value]),
  )
  return Object.fromEntries(
    field.args.flatMap(({ name, type }) => {
      const literal = given.get(name)
      const value = literal === undefined ? undefined : fromLiteral(type, literal, variables)
      return value === undefined ? [] : [[name, value] as const]
    }),
  )
}

/** The JSON value of a literal; undefined for a variable that was not given. */
function fromLiteral(
  type: GraphQLInputType | undefined,
  node: ValueNode,
  variables: Values,
): unknown {
  const bare = toBare(type)
  if (
    isListType(bare) &&
    node.kind !== Ast.LIST &&
    node.kind !== Ast.VARIABLE &&
    node.kind !== Ast.NULL
  )
    return [fromLiteral(bare.ofType, node, variables)]
  switch (node.kind) {
    case Ast.VARIABLE:
      return fromJson(bare, variables[node.name.value])
    case Ast.LIST:
      return node.values.map(
        (value) =>
          fromLiteral(isListType(bare) ? bare.ofType : undefined, value, variables) ?? null,
      )
    case Ast.OBJECT:
      return present(
        node.fields.map(({ name, value }) => [
          name.value,
          fromLiteral(memberType(bare, name.value), value, variables),
        ]),
      )
    case Ast.INT:
      return bare !== undefined && 'name' in bare && bare.name === 'BigInt'
        ? node.value
        : fromJson(bare, Number(node.value))
    default:
      return fromJson(bare, valueFromASTUntyped(node))
  }
}

/** A JSON value with the labels that its enums stand for, and lists where GraphQL takes a single value for one. */
function fromJson(type: GraphQLInputType | undefined, value: unknown): unknown {
  const bare = toBare(type)
  if (value === undefined || value === null) return value
  if (isListType(bare))
    return Array.isArray(value)
      ? value.map((one) => fromJson(bare.ofType, one))
      : [fromJson(bare.ofType, value)]
  if (isEnumType(bare)) return toLabel(bare, value)
  if (!isInputObjectType(bare) || typeof value !== 'object' || Array.isArray(value)) return value
  return present(
    Object.entries(value).map(([name, one]) => [name, fromJson(memberType(bare, name), one)]),
  )
}

const toLabel = (type: GraphQLEnumType, value: unknown): unknown =>
  typeof value === 'string' ? (type.getValue(value)?.value ?? value) : value

const present = (members: readonly (readonly [string, unknown])[]): Values =>
  Object.fromEntries(members.filter(([, value]) => value !== undefined))

/** What no operation of the model takes, such as an argument of a hand-written field. */
function issueOfVariable({ operation }: Executing, error: GraphQLError): Issue {
  const [, name = '', rest = ''] =
    /^Variable "\$(\w+)"(?: got invalid value [^]*? at "\w+((?:\.\w+|\[\d+\])+)")?/.exec(
      error.message,
    ) ?? []
  const path = [...rest.matchAll(/\.(\w+)|\[(\d+)\]/g)].map(
    ([, member, index]) => member ?? Number(index),
  )
  const declared =
    operation.variableDefinitions?.some(({ variable }) => variable.name.value === name) === true
  const message = error.message.replace(/^Variable "\$\w+" got invalid value [^]*?; /, '')
  return { in: 'document', path: declared ? [name, ...path] : [], code: 'wrong_type', message }
}
