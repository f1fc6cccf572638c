// The places of a declaration that hold a policy, and the declaration with other policies at them: `bifrons access` asks for both.
import { type PolicyNode, toPolicy, toPolicyNode } from './access.ts'
import type { ListOutput, OperationDeclaration, ResourceDeclaration } from './declare.ts'

/** The parts of a gateway that hold policies. */
export interface PolicyHolder {
  readonly resources: Readonly<Record<string, ResourceDeclaration>>
  readonly operations?: Readonly<Record<string, OperationDeclaration>>
}

/** Answers the policy that stands at a place from now on; the same one leaves it. */
export type Replace = (place: string, policy: PolicyNode) => PolicyNode

type Members = Readonly<Record<string, unknown>>

/** The rules of a resource, as far as they hold policies. */
interface Rules {
  readonly access?: Members
  readonly fields?: Readonly<Record<string, Members>>
  readonly computed?: Readonly<Record<string, Members>>
}

/** The declaration with every policy replaced. Places are `product.read`, `product.fields.cost.write`, `operations.ship`. */
export function replacePolicies<G extends PolicyHolder>(gateway: G, replace: Replace): G {
  const resources = new Map(
    Object.entries(gateway.resources).map(([key, declared]) => [
      declared,
      replaceIn(key, declared, replace),
    ]),
  )
  const toResource = (declared: ResourceDeclaration): ResourceDeclaration =>
    resources.get(declared) ?? declared
  return {
    ...gateway,
    resources: Object.fromEntries(
      Object.entries(gateway.resources).map(([key, declared]) => [key, toResource(declared)]),
    ),
    ...(gateway.operations === undefined
      ? {}
      : {
          operations: Object.fromEntries(
            Object.entries(gateway.operations).map(([name, operation]) => [
              name,
              replaceAt(name, operation, { replace, toResource }),
            ]),
          ),
        }),
  }
}

function replaceIn(
  key: string,
  declared: ResourceDeclaration,
  replace: Replace,
): ResourceDeclaration {
  const rules = declared.rules as Rules // as `resource` has typed it
  const at = (place: string, members: Members, names: readonly string[]): Members =>
    Object.fromEntries(
      Object.entries(members).map(([name, member]) => [
        name,
        names.includes(name) && member !== undefined
          ? replaced(`${place}.${name}`, member, replace)
          : member,
      ]),
    )
  const fields = (of: Rules['fields']): Rules['fields'] =>
    of &&
    Object.fromEntries(
      Object.entries(of).map(([name, members]) => [
        name,
        at(`${key}.fields.${name}`, members, ['read', 'write']),
      ]),
    )
  return {
    ...declared,
    rules: {
      ...rules,
      ...(rules.access && {
        access: at(key, rules.access, ['read', 'create', 'update', 'delete']),
      }),
      ...(rules.fields && { fields: fields(rules.fields) }),
      ...(rules.computed && { computed: fields(rules.computed) }),
    },
  }
}

interface Replacing {
  readonly replace: Replace
  readonly toResource: (declared: ResourceDeclaration) => ResourceDeclaration
}

/** An operation answers rows of a resource by the resource's own declaration, so that is replaced too. */
function replaceAt(
  name: string,
  operation: OperationDeclaration,
  { replace, toResource }: Replacing,
): OperationDeclaration {
  const { output } = operation.rules
  const isDeclared = (of: typeof output): of is ResourceDeclaration | ListOutput => 'declares' in of
  const shown = (of: ResourceDeclaration | ListOutput) =>
    of.declares === 'list' ? { ...of, of: toResource(of.of) } : toResource(of)
  return {
    ...operation,
    access: replaced(`operations.${name}`, operation.access, replace),
    rules: { ...operation.rules, output: isDeclared(output) ? shown(output) : output },
  }
}

/** What was declared stays as it is where nothing replaces it. */
function replaced(place: string, declared: unknown, replace: Replace): unknown {
  const node = toPolicyNode(declared)
  const policy = replace(place, node)
  return policy === node ? declared : toPolicy(policy)
}

/** Every place with its policy, in the order of the declaration. */
export function policiesOf(gateway: PolicyHolder): ReadonlyMap<string, PolicyNode> {
  const found = new Map<string, PolicyNode>()
  replacePolicies(gateway, (place, policy) => {
    found.set(place, policy)
    return policy
  })
  return found
}

/** The declaration without the policy at a place: everybody is let in there. */
export const withoutPolicy = <G extends PolicyHolder>(gateway: G, place: string): G =>
  replacePolicies(gateway, (at, policy) => (at === place ? { type: 'everyone' } : policy))
