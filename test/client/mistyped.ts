// Finds values of an answer whose types differ from the generated ones.
import { readFileSync } from 'node:fs'
import {
  buildSchema,
  getOperationAST,
  type GraphQLOutputType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql'
import { scalarTypes } from '../../src/graphql/schema/scalars.ts'

const schema = buildSchema(
  readFileSync(new URL('../../app/schema.graphql', import.meta.url), 'utf8'),
)
const scalars: Readonly<Record<string, string>> = {
  ...scalarTypes(),
  Int: 'number',
  Float: 'number',
  String: 'string',
  Boolean: 'boolean',
  ID: 'string',
}

/** The paths of mistyped values, each with its type; empty where the types hold. */
export function mistyped(text: string, data: unknown): readonly string[] {
  const operation = getOperationAST(parse(text))
  const root = operation == null ? null : schema.getRootType(operation.operation)
  if (operation == null || root == null)
    return ['The document has no operation that the schema has.']
  return inObject({ type: root, path: '', selections: operation.selectionSet }, data)
}

interface Place {
  readonly type: GraphQLOutputType
  readonly path: string
  readonly selections: SelectionSetNode | undefined
}

function inValue(place: Place, value: unknown): readonly string[] {
  const { type, path } = place
  if (isNonNullType(type))
    return value === null
      ? [`${path} is null, not ${type.toString()}`]
      : inValue({ ...place, type: type.ofType }, value)
  if (value === null) return []
  const wrong = [`${path} is ${JSON.stringify(value)}, not ${type.toString()}`]
  if (isListType(type)) {
    if (!Array.isArray(value)) return wrong
    return value.flatMap((element, i) =>
      inValue({ ...place, type: type.ofType, path: `${path}.${i}` }, element),
    )
  }
  if (isObjectType(type)) return inObject(place, value)
  if (isEnumType(type)) return type.getValues().some(({ name }) => name === value) ? [] : wrong
  const expected = scalars[type.name]
  return expected === 'unknown' || typeof value === expected ? [] : wrong
}

function inObject({ type, path, selections }: Place, value: unknown): readonly string[] {
  if (!isObjectType(type) || typeof value !== 'object' || value === null)
    return [`${path} is no object of ${type.toString()}`]
  const members = new Map(Object.entries(value))
  return (selections?.selections ?? []).flatMap((node) => {
    const field = node.kind === Kind.FIELD ? type.getFields()[node.name.value] : undefined
    if (node.kind !== Kind.FIELD || field === undefined)
      return [`${path} has a selection of another sort than a field`]
    const name = node.alias?.value ?? node.name.value
    return inValue(
      { type: field.type, path: `${path}.${name}`, selections: node.selectionSet },
      members.get(name),
    )
  })
}
