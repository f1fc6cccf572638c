// Validation of documents by GraphQL's own rules, with REST's issue where rows or groups do not have a field.
import {
  type DocumentNode,
  type ExecutableDefinitionNode,
  type FieldNode,
  FieldsOnCorrectTypeRule,
  getNamedType,
  type GraphQLError,
  type GraphQLNamedType,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  Kind as Ast,
  type NamedTypeNode,
  NoSchemaIntrospectionCustomRule,
  type SelectionSetNode,
  specifiedRules,
  validate,
  type ValidationContext,
  type ValidationRule,
  ValuesOfCorrectTypeRule,
} from 'graphql'
import { unknownAggregate } from '../../engine/parse/parse-aggregate.ts'
import { unknownMember } from '../../engine/parse/parse-request.ts'
import { type Issue, MAX_ISSUES } from '../../errors.ts'
import { aggregationOf } from '../../schema/model/aggregates.ts'
import type { Model, Resource } from '../../schema/model/model.ts'
import type { Fault } from '../errors.ts'
import { groupType } from '../request/aggregate-selection.ts'

export interface Validating {
  readonly schema: GraphQLSchema
  readonly model: Pick<Model, 'resources'>
  /** Whether the schema may be asked for, and GraphQL's own errors suggest names from it. What rows have is told anyway, as on REST. */
  readonly introspection: boolean
}

/** Everything that is wrong with a document; nothing where it may be executed. */
export type FindFaults = (document: DocumentNode) => readonly Fault[]

export function openValidation({ schema, model, introspection }: Validating): FindFaults {
  const resources = [...model.resources.values()]
  const places: Places = {
    schema,
    rows: new Map(resources.map((resource) => [resource.type, resource])),
    groups: new Map(resources.map((resource) => [groupType(resource), resource])),
  }
  const options = { maxErrors: MAX_ISSUES - 1, hideSuggestions: !introspection }
  return (document) => {
    const issues = new Map<GraphQLError, Issue>()
    const literals = new Set<GraphQLError>()
    const named = noting(FieldsOnCorrectTypeRule, (error) => {
      const [field] = error.nodes ?? []
      const issue = field?.kind === Ast.FIELD ? issueOf(places, document, field) : null
      if (issue !== null) issues.set(error, issue)
    })
    const valued = noting(ValuesOfCorrectTypeRule, (error) => literals.add(error))
    const noted = new Map([
      [FieldsOnCorrectTypeRule, named],
      [ValuesOfCorrectTypeRule, valued],
    ])
    const rules = specifiedRules.map((rule) => noted.get(rule) ?? rule)
    const closed = introspection ? [] : [NoSchemaIntrospectionCustomRule]
    return validate(schema, document, [...rules, ...closed], options).map((error) => ({
      error,
      issue: issues.get(error) ?? null,
      literal: literals.has(error),
    }))
  }
}

/** A rule, and what is noted of each error it reports. */
const noting =
  (rule: ValidationRule, note: (error: GraphQLError) => void): ValidationRule =>
  (context) => {
    const report = (error: GraphQLError): void => {
      note(error)
      context.reportError(error)
    }
    return rule(Object.create(context, { reportError: { value: report } }) as ValidationContext) // a context in all else
  }

interface Places {
  readonly schema: GraphQLSchema
  /** Resources by the types of their rows, and of groups of them. */
  readonly rows: ReadonlyMap<string, Resource>
  readonly groups: ReadonlyMap<string, Resource>
}

/** What REST says of a field that rows, or groups of them, do not have; null where REST has no such place. */
function issueOf(places: Places, document: DocumentNode, field: FieldNode): Issue | null {
  const { type, path, group } = placeOf(places, document, field)
  const name = field.name.value
  const resource = places.rows.get(type?.name ?? '')
  if (resource !== undefined) return unknownMember(resource, path, name)
  const grouped = group ?? places.groups.get(type?.name ?? '')
  return grouped === undefined ? null : unknownAggregate(aggregationOf(grouped), [...path, name])
}

/** A place in a document: the relations that lead to it from the rows of the operation or the fragment, or what leads to it from a group. */
interface Place {
  readonly type: GraphQLNamedType | undefined
  readonly path: readonly string[]
  /** Whose rows are grouped, inside of a group. */
  readonly group: Resource | undefined
}

function placeOf(places: Places, { definitions }: DocumentNode, field: FieldNode): Place {
  for (const node of definitions) {
    if (!('selectionSet' in node)) continue
    const at = { ...nowhere, type: typeAbove(places, node) }
    const found = search(places, field, node.selectionSet, at)
    if (found !== null) return found
  }
  return nowhere
}

const typeAbove = (places: Places, node: ExecutableDefinitionNode): GraphQLNamedType | undefined =>
  node.kind === Ast.OPERATION_DEFINITION
    ? (places.schema.getRootType(node.operation) ?? undefined)
    : typeNamed(places, node.typeCondition)

const nowhere: Place = { type: undefined, path: [], group: undefined }

function search(
  places: Places,
  field: FieldNode,
  { selections }: SelectionSetNode,
  at: Place,
): Place | null {
  for (const node of selections) {
    if (node === field) return at
    if (node.kind === Ast.FRAGMENT_SPREAD || node.selectionSet === undefined) continue
    const found = search(
      places,
      field,
      node.selectionSet,
      node.kind === Ast.FIELD
        ? below(places, node, at)
        : { ...at, type: typeNamed(places, node.typeCondition) ?? at.type },
    )
    if (found !== null) return found
  }
  return null
}

const typeNamed = (
  { schema }: Places,
  node: NamedTypeNode | undefined,
): GraphQLNamedType | undefined =>
  node === undefined ? undefined : schema.getType(node.name.value)

/** Below a field of rows the path is longer by it; what connections put between rows is not in it. */
function below(
  { rows, groups }: Places,
  { name: { value: name } }: FieldNode,
  { type, path, group }: Place,
): Place {
  const around = type?.name ?? ''
  return {
    type:
      isObjectType(type) || isInterfaceType(type)
        ? getNamedType(type.getFields()[name]?.type)
        : undefined,
    path: rows.has(around) || groups.has(around) ? [...path, name] : path,
    group: groups.get(around) ?? group,
  }
}
