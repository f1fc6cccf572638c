// Names that would clash on a face: of types, of operations, of paths. Two equal names are an error.
import { aggregateSuffixes } from '../model/aggregates.ts'
import { detailsName, problemName } from '../declare/declared-errors.ts'
import type { Report } from '../declare/model-error.ts'
import type { EnumType, Model, Operation, Resource, StandardKind } from '../model/model.ts'
import { isGraphqlName, toPascal } from '../declare/names.ts'
import { nestedOf, nestedTypeNames } from '../model/nested.ts'
import { comparisonNames } from '../inputs/standard-inputs.ts'

/** Behind a resource's type: the types that it has beside those of aggregates. */
export const derivedSuffixes: readonly string[] = [
  '',
  'Filter',
  'ListFilter',
  'ListRequest',
  'Order',
  'ListOrder',
  'Field',
  'Create',
  'Update',
  'Upsert',
  'Connection',
  'Edge',
]

/** Types that there are before any resource. */
export const ownTypes: readonly string[] = [
  'Query',
  'Mutation',
  'Subscription',
  'Node',
  'PageInfo',
  'OrderDirection',
  'CountMode',
  'Problem',
  'ProblemIssue',
  'WriteBatch',
  'WriteBatchResults',
  'Int',
  'Float',
  'Boolean',
  'String',
  'ID',
  'BigInt',
  'Decimal',
  'UUID',
  'Date',
  'Time',
  'LocalDateTime',
  'DateTime',
  'Duration',
  'JSON',
  'Bytes',
  'VectorOrder',
  'VectorNearest',
  'VectorMetric',
  'GeoJSON',
  'GeoOrder',
  'GeoNearest',
  'GeoDistance',
  ...comparisonNames,
]

export function checkNames(model: Model, report: Report): void {
  const types = claims(report, ownTypes)
  const operations = claims(report, ['node'])
  for (const resource of model.resources.values()) {
    checkResourceNames(resource, report)
    const isRead = resource.access.read.type !== 'nobody'
    for (const suffix of [...derivedSuffixes, ...(isRead ? aggregateSuffixes : [])])
      types(resource.type + suffix, resource.key)
    for (const name of nestedOf(model, resource).flatMap((nested) =>
      nestedTypeNames(resource, nested),
    ))
      types(name, resource.key)
  }
  for (const { name } of checkedEnums(model, report))
    for (const suffix of ['', 'Filter', 'ListFilter']) types(name + suffix, `the enum ${name}`)
  for (const operation of model.operations) {
    operations(operation.name, ownerOf(operation))
    if (operation.standard !== null) continue
    if (operation.input !== null) types(`${toPascal(operation.name)}Input`, ownerOf(operation))
    if (operation.output.type === 'value')
      types(`${toPascal(operation.name)}Result`, ownerOf(operation))
  }
  for (const code of new Set(
    model.operations
      .flatMap((operation) => (operation.standard === null ? operation.errors : []))
      .map((error) => error.code),
  )) {
    types(problemName(code), `the error ${code}`)
    types(detailsName(code), `the error ${code}`)
  }
  checkPaths(model, report)
}

const ownerOf = (operation: Operation): string =>
  operation.standard === null ? `operations.${operation.name}` : operation.resource.key

/** Gives out names; a second owner of one is a mistake. */
function claims(report: Report, taken: readonly string[]): (name: string, owner: string) => void {
  const owners = new Map(taken.map((name) => [name, 'bifrons itself']))
  return (name, owner) => {
    const other = owners.get(name)
    if (other !== undefined)
      report(
        owner,
        `takes the name ${name}, which ${other === owner ? 'it has' : `${other} has`} already; override it with \`names\`.`,
      )
    owners.set(name, owner)
  }
}

function checkResourceNames(resource: Resource, report: Report): void {
  for (const name of [
    resource.key,
    resource.plural,
    resource.type,
    resource.version?.name ?? resource.type,
  ]) {
    if (!isGraphqlName(name))
      report(resource.key, `has the name "${name}", which GraphQL does not allow.`)
  }
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(resource.path))
    report(
      resource.key,
      `has the path "${resource.path}"; a path is small letters and digits, joined by hyphens.`,
    )
  if (resource.fields.has(resource.nodeId) || resource.relations.has(resource.nodeId)) {
    report(
      `${resource.key}.${resource.nodeId}`,
      'has the name of the global id; set `names.nodeId`.',
    )
  }
  if (resource.version !== null) checkVersionName(resource, resource.version.name, report)
}

function checkVersionName(resource: Resource, name: string, report: Report): void {
  if (resource.fields.has(name) || resource.relations.has(name) || resource.nodeId === name) {
    report(`${resource.key}.${name}`, "has the name of the row's version; set `names.version`.")
  }
  if (resource.primaryKey.fields.some((field) => field.name === 'ifVersion'))
    report(
      `${resource.key}.ifVersion`,
      'is of the key and has the name of an argument; rename the column in TypeScript.',
    )
}

/** One enum for a name: columns share it, two enums of one name (in two schemas of the database) cannot. */
function checkedEnums(model: Model, report: Report): readonly EnumType[] {
  const known = new Map<string, EnumType>()
  for (const resource of model.resources.values()) {
    for (const field of resource.fields.values()) {
      if (field.enum === null) continue
      const other = known.get(field.enum.name) ?? field.enum
      if (labelsOf(other) !== labelsOf(field.enum))
        report(
          `${resource.key}.${field.name}`,
          `is an enum ${field.enum.name} of other labels than another of that name.`,
        )
      known.set(field.enum.name, other)
    }
  }
  return [...known.values()]
}

const labelsOf = ({ values }: EnumType): string => values.map(({ label }) => label).join('\0')

/** Methods and paths, parameters told apart by their place alone, as a router does. */
function checkPaths(model: Model, report: Report): void {
  const paths = claims(report, [])
  for (const path of ['/batch', 'POST /batch']) paths(path, 'the batch of writes')
  for (const resource of model.resources.values()) {
    paths(`/${resource.path}`, resource.key)
    const row = `/${resource.path}/{}`
    for (const { name, many } of resource.relations.values()) {
      paths(`GET ${row}/${name}`, resource.key)
      if (many) paths(`POST ${row}/${name}/query`, resource.key)
    }
  }
  for (const operation of model.operations) {
    if (operation.standard === 'list')
      paths(`POST /${operation.resource.path}/query`, ownerOf(operation))
    paths(
      operation.standard === null
        ? `${operation.rest.method} ${operation.rest.path.replaceAll(/\{[^}]*\}/g, '{}')}`
        : standardPath(operation),
      ownerOf(operation),
    )
  }
}

const methods: Readonly<Record<StandardKind, string>> = {
  get: 'GET',
  list: 'GET',
  aggregate: 'GET',
  create: 'POST',
  update: 'PATCH',
  delete: 'DELETE',
  createMany: 'POST',
  upsert: 'PUT',
  updateMany: 'PATCH',
  deleteMany: 'DELETE',
}

function standardPath({
  resource,
  standard,
  by,
}: Extract<Operation, { readonly standard: string }>): string {
  const toPath = (rest: string): string => `${methods[standard]} /${resource.path}${rest}`
  if (standard === 'aggregate') return toPath('/aggregate')
  if (standard === 'createMany') return toPath('/batch')
  if (by === null) return toPath('')
  return toPath(by === resource.primaryKey ? '/{}' : `/by/${by.path}/{}`)
}
