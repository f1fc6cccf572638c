// A variable that a document uses several times is read, kept and sent to the database as often: 1 MB in 900 places took 1.4 GB.
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind as Ast,
  type OperationDefinitionNode,
  visit,
} from 'graphql'
import { Problem } from '../../errors.ts'
import { textSize } from '../../text-size.ts'

/** How often each variable is used, where that is more than once. */
type Uses = ReadonlyMap<string, number>

const known = new WeakMap<OperationDefinitionNode, Uses>()

interface Found {
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
}

/**
 * @param most characters of variables, each counted as often as it is used
 * @throws Problem TOO_COMPLEX
 */
export function boundVariables(
  { document, operation }: Found,
  variables: Readonly<Record<string, unknown>>,
  most: number,
): void {
  let uses = known.get(operation)
  if (uses === undefined) known.set(operation, (uses = usesIn(document, operation)))
  let size = 0
  for (const [name, times] of uses)
    if (Object.hasOwn(variables, name)) size += times * textSize(variables[name])
  if (size > most)
    throw new Problem(
      'TOO_COMPLEX',
      `With its variables written out, the request has ${size} characters; at most ${most} are allowed.`,
    )
}

/** Of a document that is valid: its fragments are there, and not in themselves. */
function usesIn({ definitions }: DocumentNode, operation: OperationDefinitionNode): Uses {
  const fragments = new Map(
    definitions.flatMap((node) =>
      node.kind === Ast.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  )
  const ofFragments = new Map<string, Uses>()
  const ofFragment = (name: string): Uses => {
    const fragment = fragments.get(name)
    const uses =
      ofFragments.get(name) ?? (fragment === undefined ? new Map() : usesOf(fragment, ofFragment))
    ofFragments.set(name, uses)
    return uses
  }
  return new Map([...usesOf(operation, ofFragment)].filter(([, times]) => times > 1))
}

function usesOf(
  node: OperationDefinitionNode | FragmentDefinitionNode,
  ofFragment: (name: string) => Uses,
): Uses {
  const uses = new Map<string, number>()
  const add = (name: string, times: number): void => {
    uses.set(name, (uses.get(name) ?? 0) + times)
  }
  visit(node, {
    [Ast.VARIABLE_DEFINITION]: () => false, // no use
    [Ast.VARIABLE]: ({ name }) => add(name.value, 1),
    [Ast.FRAGMENT_SPREAD]({ name }) {
      for (const [variable, times] of ofFragment(name.value)) add(variable, times)
    },
  })
  return uses
}
