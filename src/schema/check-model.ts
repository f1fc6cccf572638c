// Checks over the whole model: names that would clash on a face, and policies that name what is not there.
import type { PolicyNode } from './access.ts'
import { parseInput } from './issues.ts'
import type { Report } from './model-error.ts'
import type { Model, Resource } from './model.ts'
import { isGraphqlName } from './names.ts'
import { buildShapes, type Shapes } from './shapes.ts'

const derivedSuffixes = ['', 'Filter', 'ListFilter', 'Order', 'Create', 'Update', 'Connection', 'Edge']

/** Two equal names are an error: of types, of operations, of REST paths. */
export function checkNames(model: Model, report: Report): void {
  const types = claims(report, ['Query', 'Mutation', 'Subscription', 'Node', 'PageInfo', 'OrderDirection', ...scalars])
  const operations = claims(report, ['node'])
  const paths = claims(report, [])
  for (const resource of model.resources.values()) {
    checkResourceNames(resource, report)
    for (const suffix of derivedSuffixes) types(resource.type + suffix, resource.key)
    paths(`/${resource.path}`, resource.key)
    for (const name of enumNames(resource)) for (const suffix of ['', 'Filter', 'ListFilter']) types(name + suffix, `the enum ${name}`)
  }
  for (const operation of model.operations) {
    operations(operation.name, operation.standard === null ? `operations.${operation.name}` : operation.resource.key)
    if (operation.standard === null) paths(`${operation.rest.method} ${operation.rest.path}`, `operations.${operation.name}`)
  }
}

const enumNames = (resource: Resource): readonly string[] =>
  [...resource.fields.values()].map((field) => field.enum?.name).filter((name) => name !== undefined)

const scalars = [
  'Int', 'Float', 'Boolean', 'String', 'ID', 'BigInt', 'Decimal', 'UUID', 'Date', 'Time', 'LocalDateTime', 'DateTime', 'Duration', 'JSON', 'Bytes',
]

/** Gives out names; a second owner of one is a mistake. */
function claims(report: Report, taken: readonly string[]): (name: string, owner: string) => void {
  const owners = new Map(taken.map((name) => [name, 'bifrons itself']))
  return (name, owner) => {
    const other = owners.get(name)
    if (other !== undefined && other !== owner) report(owner, `takes the name ${name}, which ${other} has; override it with \`names\`.`)
    owners.set(name, owner)
  }
}

function checkResourceNames(resource: Resource, report: Report): void {
  for (const name of [resource.key, resource.plural, resource.type]) {
    if (!isGraphqlName(name)) report(resource.key, `has the name "${name}", which GraphQL does not allow.`)
  }
  if (resource.fields.has(resource.nodeId) || resource.relations.has(resource.nodeId)) {
    report(`${resource.key}.${resource.nodeId}`, 'has the name of the global id; set `names.nodeId`.')
  }
}

/** Every policy of the model: filters against the table they stand on, owners and their claims. */
export function checkPolicies(model: Model, report: Report): void {
  const shapes = buildShapes(model, 'inner')
  const known = Object.keys(model.vocabulary.caller.shape)
  for (const resource of model.resources.values()) {
    const check = (where: string, policy: PolicyNode | null) => {
      if (policy !== null) checkPolicy({ where, shapes, claims: known, report }, resource, policy)
    }
    for (const [verb, policy] of Object.entries(resource.access)) check(`${resource.key}.access.${verb}`, policy)
    for (const field of resource.fields.values()) {
      check(`${resource.key}.fields.${field.name}.read`, field.read)
      check(`${resource.key}.fields.${field.name}.write`, field.write)
    }
  }
  for (const operation of model.operations) {
    if (operation.standard === null) checkPolicy({ where: `operations.${operation.name}.access`, shapes, claims: known, report }, null, operation.access)
  }
}

interface PolicyContext {
  readonly where: string
  readonly shapes: Shapes
  readonly claims: readonly string[]
  readonly report: Report
}

function checkPolicy(context: PolicyContext, resource: Resource | null, policy: PolicyNode): void {
  switch (policy.type) {
    case 'everyone':
    case 'nobody':
    case 'signedIn':
    case 'role':
    case 'decide': return
    case 'any':
    case 'all':
      for (const part of policy.of) checkPolicy(context, resource, part)
      return
    case 'not': return checkPolicy(context, resource, policy.of)
    case 'owner': return checkOwner(context, resource, policy)
    case 'filter': return checkFilter(context, resource, policy.filter)
  }
}

const ABOUT_ROWS = 'is about rows; an operation asks about its caller only.'

function checkOwner({ where, claims: known, report }: PolicyContext, resource: Resource | null, policy: { readonly column: string, readonly claim: string }): void {
  if (resource === null) report(where, ABOUT_ROWS)
  else if (!resource.inner.fields.has(policy.column)) report(where, `names the column ${policy.column}, which ${resource.key} does not have.`)
  if (!known.includes(policy.claim)) report(where, `names the claim ${policy.claim}; callers have ${known.join(', ') || 'none'}.`)
}

function checkFilter({ where, shapes, report }: PolicyContext, resource: Resource | null, filter: unknown): void {
  if (resource === null) return report(where, ABOUT_ROWS)
  const parsed = parseInput(shapes.where(resource), filter, 'where')
  for (const issue of parsed.ok ? [] : parsed.issues) report(`${where}.${issue.path.join('.')}`, issue.message)
}
