// Operations: the standard ones that every resource gives rise to, and the team's own.
import { z } from 'zod'
import { toPolicyNode } from '../declare/access.ts'
import { describe } from './build-fields.ts'
import type { OperationDeclaration, OutputDeclaration } from '../declare/declare.ts'
import { buildErrors } from '../declare/declared-errors.ts'
import type { Report } from '../declare/model-error.ts'
import type {
  CustomOperation,
  Output,
  Resource,
  StandardKind,
  StandardOperation,
  UniqueKey,
} from '../model/model.ts'
import { buildWriteOperations } from './build-writes.ts'
import { isGraphqlName, toPascal } from '../declare/names.ts'
import { writable } from '../inputs/standard-inputs.ts'
import { shapeOnly } from '../values/shape-only.ts'
import { deepStrict, unsupportedZod } from '../values/zod-types.ts'
import { defined } from '../../defined.ts'

const queries: ReadonlySet<StandardKind> = new Set(['get', 'list', 'aggregate'])

/** One operation per verb that the resource's access names; reading gives get (by every unique key), list and aggregate. */
export function buildStandardOperations(resource: Resource): readonly StandardOperation[] {
  const { key, type, plural, access, primaryKey } = resource
  const standard = (name: string, kind: StandardKind, by: UniqueKey | null): StandardOperation =>
    Object.freeze({
      name,
      resource,
      by,
      kind: queries.has(kind) ? 'query' : 'mutation',
      standard: kind,
      description: descriptionOf(resource, kind, by),
      ...defined({ deprecated: resource.deprecated }),
    })
  const operations: StandardOperation[] = []
  if (access.read.type !== 'nobody') {
    operations.push(standard(key, 'get', primaryKey))
    for (const unique of resource.uniqueKeys)
      operations.push(standard(`${key}By${unique.name}`, 'get', unique))
    operations.push(
      standard(plural, 'list', null),
      standard(`${plural}Aggregate`, 'aggregate', null),
    )
  }
  if (access.create.type !== 'nobody')
    operations.push(standard(`create${toPascal(type)}`, 'create', null))
  // where every column is of the key, as in many a junction, nothing is left to change
  if (access.update.type !== 'nobody' && writable(resource, 'update').length > 0)
    operations.push(standard(`update${toPascal(type)}`, 'update', primaryKey))
  if (access.delete.type !== 'nobody')
    operations.push(standard(`delete${toPascal(type)}`, 'delete', primaryKey))
  return operations.concat(
    buildWriteOperations(resource).map(({ name, kind, by }) => standard(name, kind, by)),
  )
}

function descriptionOf(
  { type, plural }: Resource,
  kind: StandardKind,
  by: UniqueKey | null,
): string {
  const key = by === null ? '' : by.fields.map((field) => field.name).join(' and ')
  switch (kind) {
    case 'get':
      return `One ${type} by its ${key}; nothing when it is absent or hidden from you.`
    case 'list':
      return `A page of ${plural}, filtered and in order.`
    case 'aggregate':
      return `Counts, sums and other figures of ${plural}: of all of them, or of each group.`
    case 'create':
      return `Creates one ${type}.`
    case 'update':
      return `Changes the given fields of one ${type}.`
    case 'delete':
      return `Deletes one ${type} and answers it as it was.`
    case 'createMany':
      return `Creates several ${plural}, all of them or none.`
    case 'upsert':
      return `Creates one ${type}, or changes the given fields of the one with this ${key}.`
    case 'updateMany':
      return `Changes the given fields of the ${plural} that a filter finds, all of them or none.`
    case 'deleteMany':
      return `Deletes the ${plural} that a filter finds, all of them or none, and answers them as they were.`
  }
}

interface CustomContext {
  readonly name: string
  readonly operation: OperationDeclaration
  readonly resources: ReadonlyMap<string, Resource>
  readonly report: Report
  readonly note: (line: string) => void
  /** The gateway's. */
  readonly audit: boolean
}

/** The team's own operation; none when it names no access, for then it is closed. */
export function buildCustomOperation({
  name,
  operation,
  resources,
  report,
  note,
  audit,
}: CustomContext): readonly CustomOperation[] {
  const { rules, access, handle } = operation
  const where = `operations.${name}`
  if (!isGraphqlName(name)) report(where, 'is no name that GraphQL allows.')
  if (access === undefined) {
    note(`${name} is not served: it names no access.`)
    return []
  }
  const given = rules.input ?? null
  const rest = buildRest(rules, (what) => report(`${where}.rest`, what))
  for (const fault of given === null ? [] : unsupportedZod(given))
    report(`${where}.input${fault.path}`, fault.what)
  const output = buildOutput(rules.output, resources)
  if (output === null) {
    report(
      `${where}.output`,
      'is a resource that the gateway does not have; add it to `resources`.',
    )
    return []
  }
  for (const fault of output.type === 'value' ? unsupportedZod(output.schema) : [])
    report(`${where}.output${fault.path}`, fault.what)
  const input = given === null ? null : deepStrict(given)
  return [
    Object.freeze({
      name,
      output,
      handle,
      kind: rules.kind,
      standard: null,
      ...describe(rules),
      access: toPolicyNode(access),
      input,
      inputShape: input === null ? null : shapeOnly(input),
      rest,
      only: rules.only ?? null,
      audit: isAudited(rules, audit, (what) => report(`${where}.audit`, what)),
      errors: buildErrors(where, rules.errors, report),
    }),
  ]
}

function isAudited(
  { kind, audit }: OperationDeclaration['rules'],
  byDefault: boolean,
  fault: (what: string) => void,
): boolean {
  if (audit === true && kind === 'query')
    fault('is true, but the audit is about writes, and a query writes nothing.')
  return kind === 'mutation' && (audit ?? byDefault)
}

function buildRest(
  { kind, rest, status, input }: OperationDeclaration['rules'],
  fault: (what: string) => void,
): CustomOperation['rest'] {
  const [method = '', path = ''] = rest.split(' ')
  if (
    !/^(GET|POST|PUT|PATCH|DELETE)$/.test(method) ||
    !/^(\/[a-z0-9-]+|\/\{[A-Za-z][A-Za-z0-9]*\})+$/.test(path)
  ) {
    fault(
      `is "${rest}", not a method and a path such as "POST /orders/place" or "POST /orders/{id}/ship".`,
    )
  }
  if ((kind === 'query') !== (method === 'GET'))
    fault(`gives a ${kind} the method ${method}; queries are GET, mutations are not.`)
  for (const parameter of pathParameters(path)) {
    if (input === undefined || !(parameter in input.shape))
      fault(`has {${parameter}}, which the input does not.`)
  }
  return { method: method as CustomOperation['rest']['method'], path, status: status ?? 200 } // checked above
}

/** Names in braces of an operation's path; their values come from the path, the others from query string or body. */
export const pathParameters = (path: string): readonly string[] =>
  [...path.matchAll(/\{([A-Za-z0-9]+)\}/g)].map((match) => match[1] ?? '')

function buildOutput(
  output: OutputDeclaration,
  resources: ReadonlyMap<string, Resource>,
): Output | null {
  if (output instanceof z.ZodObject) return { type: 'value', schema: output }
  const declared = output.declares === 'list' ? output.of : output
  const resource = [...resources.values()].find(
    (candidate) => candidate.tableKey === declared.table,
  )
  return resource === undefined
    ? null
    : { type: output.declares === 'list' ? 'rows' : 'row', resource }
}
