// Checks over the whole model: names that would clash on a face, and policies that name what is not there.
import type { PolicyNode } from './access.ts'
import { toIssues } from './issues.ts'
import type { Report } from './model-error.ts'
import type { Model, Resource } from './model.ts'
import { isGraphqlName } from './names.ts'
import { buildShapes, type Shapes } from './shapes.ts'

const derivedSuffixes = ['', 'Filter', 'ListFilter', 'Order', 'Create', 'Update', 'Connection', 'Edge']

/** Two equal names are an error: of types, of operations, of REST paths. */
export function checkNames(model: Model, report: Report): void {
  const types = new Map<string, string>([['Query', 'GraphQL'], ['Mutation', 'GraphQL'], ['Subscription', 'GraphQL'], ['Node', 'Relay'], ['PageInfo', 'Relay']])
  const operations = new Map<string, string>([['node', 'Relay'], ['nodes', 'Relay']])
  const paths = new Map<string, string>()
  const claim = (names: Map<string, string>, name: string, owner: string) => {
    const other = names.get(name)
    if (other !== undefined && other !== owner) report(owner, `takes the name ${name}, which ${other} has; override it with \`names\`.`)
    names.set(name, owner)
  }
  const enums = new Set<string>()
  for (const resource of model.resources.values()) {
    for (const name of [resource.key, resource.plural, resource.type]) {
      if (!isGraphqlName(name)) report(resource.key, `has the name "${name}", which GraphQL does not allow.`)
    }
    for (const suffix of derivedSuffixes) claim(types, resource.type + suffix, resource.key)
    claim(paths, `/${resource.path}`, resource.key)
    for (const name of [resource.nodeId, '__typename']) {
      if (resource.fields.has(name) || resource.relations.has(name)) report(`${resource.key}.${name}`, 'has the name of the global id; set `names.nodeId`.')
    }
    for (const field of resource.fields.values()) if (field.enum !== null) enums.add(field.enum.name)
  }
  for (const name of enums) claim(types, name, `the enum ${name}`)
  for (const operation of model.operations) {
    claim(operations, operation.name, operation.standard === null ? `operations.${operation.name}` : operation.resource.key)
    if (operation.standard === null) claim(paths, `${operation.rest.method} ${operation.rest.path}`, `operations.${operation.name}`)
  }
}

/** Every policy of the model: filters against the table they stand on, owners and their claims. */
export function checkPolicies(model: Model, report: Report): void {
  const shapes = buildShapes(model, 'inner')
  const claims = Object.keys(model.vocabulary.caller.shape)
  for (const resource of model.resources.values()) {
    const check = (where: string, policy: PolicyNode | null) => {
      if (policy !== null) checkPolicy({ where, shapes, claims, report }, resource, policy)
    }
    for (const [verb, policy] of Object.entries(resource.access)) check(`${resource.key}.access.${verb}`, policy)
    for (const field of resource.fields.values()) {
      check(`${resource.key}.fields.${field.name}.read`, field.read)
      check(`${resource.key}.fields.${field.name}.write`, field.write)
    }
  }
  for (const operation of model.operations) {
    if (operation.standard === null) checkPolicy({ where: `operations.${operation.name}.access`, shapes, claims, report }, null, operation.access)
  }
}

interface PolicyContext {
  readonly where: string
  readonly shapes: Shapes
  readonly claims: readonly string[]
  readonly report: Report
}

function checkPolicy(context: PolicyContext, resource: Resource | null, policy: PolicyNode): void {
  const { where, shapes, claims, report } = context
  switch (policy.type) {
    case 'any':
    case 'all':
      for (const part of policy.of) checkPolicy(context, resource, part)
      return
    case 'not': return checkPolicy(context, resource, policy.of)
    case 'owner':
      if (resource === null) report(where, 'is about rows; an operation asks about its caller only.')
      else if (!resource.inner.fields.has(policy.column)) report(where, `names the column ${policy.column}, which ${resource.key} does not have.`)
      if (!claims.includes(policy.claim)) report(where, `names the claim ${policy.claim}; callers have ${claims.join(', ') || 'none'}.`)
      return
    case 'filter': {
      if (resource === null) return report(where, 'is about rows; an operation asks about its caller only.')
      const parsed = shapes.where(resource).safeParse(policy.filter)
      for (const issue of parsed.success ? [] : toIssues(parsed.error, 'where')) report(`${where}.${issue.path.join('.')}`, issue.message)
    }
  }
}
