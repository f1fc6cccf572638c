// Checks of the model's policies: they name what is there, and say everyone in words.
import {
  type FilterTree,
  type PolicyLeaf,
  type PolicyNode,
  undefinedMember,
} from '../declare/access.ts'
import { didYouMean } from '../declare/did-you-mean.ts'
import { parseInput } from '../inputs/validation-issues.ts'
import type { Report } from '../declare/model-error.ts'
import type { Model, Resource } from '../model/model.ts'
import { buildInputSchemas, type InputSchemas } from '../inputs/input-schemas.ts'

/** Every policy of the model: filters against the table they stand on, owners and their claims. */
export function checkPolicies(model: Model, report: Report): void {
  const inputSchemas = buildInputSchemas(model, 'inner')
  const known = Object.keys(model.vocabulary.caller.shape)
  const checkCallers = (where: string, asks: string, policy: PolicyNode) =>
    checkPolicy({ where, inputSchemas, claims: known, report, asks }, null, policy)
  checkCallers('gateway.export', 'an export', model.export.access)
  for (const resource of model.resources.values()) {
    const check = (where: string, policy: PolicyNode | null) => {
      if (policy !== null)
        checkPolicy(
          { where, inputSchemas, claims: known, report, asks: 'a policy' },
          resource,
          policy,
        )
    }
    for (const [verb, policy] of Object.entries(resource.access))
      check(`${resource.key}.access.${verb}`, policy)
    for (const { field } of resource.search?.parts.filter(({ vector }) => vector) ?? [])
      check(`${resource.key}.fields.${field.name}.read`, field.read)
    for (const field of resource.inner.fields.values()) {
      check(`${resource.key}.fields.${field.name}.read`, field.read)
      if (field.write !== null)
        checkCallers(
          `${resource.key}.fields.${field.name}.write`,
          "a field's write policy",
          field.write,
        )
    }
    if (resource.export.access !== model.export.access)
      checkCallers(`${resource.key}.export`, 'an export', resource.export.access)
  }
  for (const operation of model.operations) {
    if (operation.standard !== null) continue
    checkCallers(`operations.${operation.name}.access`, 'an operation', operation.access)
  }
}

interface PolicyContext {
  readonly where: string
  readonly inputSchemas: InputSchemas
  readonly claims: readonly string[]
  readonly report: Report
  /** Whose policy it is, where there is no row to ask about. */
  readonly asks: string
}

function checkPolicy(context: PolicyContext, resource: Resource | null, policy: PolicyNode): void {
  switch (policy.type) {
    case 'any':
    case 'all':
      for (const part of policy.of) checkPolicy(context, resource, part)
      return
    case 'not':
      return checkPolicy(context, resource, policy.of)
    case 'invalid':
      return context.report(context.where, policy.what)
    case 'owner':
      return checkOwner(context, resource, policy)
    case 'filter':
      return checkFilter(context, resource, policy.filter)
    default: // about the caller, whoever that is
  }
}

const aboutRows = (asks: string): string => `is about rows; ${asks} asks about its caller only.`

function checkOwner(
  { where, claims: known, report, asks }: PolicyContext,
  resource: Resource | null,
  policy: Extract<PolicyLeaf, { type: 'owner' }>,
): void {
  if (resource === null) report(where, aboutRows(asks))
  else if (!resource.inner.fields.has(policy.column)) {
    report(
      where,
      `names the column ${policy.column}, which ${resource.key} does not have.${didYouMean(policy.column, [...resource.inner.fields.keys()])}`,
    )
  }
  if (!known.includes(policy.claim)) {
    report(
      where,
      `names the claim ${policy.claim}; callers have ${known.join(', ') || 'none'}.${didYouMean(policy.claim, known)}`,
    )
  }
}

function checkFilter(
  { where, inputSchemas, report, asks }: PolicyContext,
  resource: Resource | null,
  filter: FilterTree,
): void {
  if (resource === null) return report(where, aboutRows(asks))
  if (Object.keys(filter).length === 0)
    return report(where, 'is an empty filter, which every row passes; say `access.everyone`.')
  const missing = undefinedMember(filter)
  if (missing !== null)
    return report(`${where}.${missing}`, 'is undefined, which would match every row.')
  const parsed = parseInput(inputSchemas.where(resource), filter, 'where')
  for (const issue of parsed.ok ? [] : parsed.issues)
    report(`${where}.${issue.path.join('.')}`, issue.message)
}
