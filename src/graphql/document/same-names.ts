// How often one field stands at one place of a document, counted before it is validated: whether its fields can be merged is asked
// for each pair of those, so 480 of them took 80 ms of the process.
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind as Ast,
  type SelectionSetNode,
} from 'graphql'
import { Problem } from '../../errors.ts'

/** Fields with one name in the answer, each with others below it or none. */
type Named = Map<string, FieldNode[]>

interface Counting {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  most: number
  /** Fields that may still be looked at. */
  left: number
}

/** Parts that are looked at, for each token that a document may have: it has fewer parts, unless its fragments repeat them. */
const PARTS_PER_TOKEN = 16

/** @throws Problem TOO_COMPLEX where more fields than `sameNames` stand at one place under one name, fragments written out */
export function boundSameNames(
  { definitions }: DocumentNode,
  { sameNames, tokens }: { readonly sameNames: number; readonly tokens: number },
): void {
  const parts = PARTS_PER_TOKEN * tokens
  const fragments = new Map(
    definitions.flatMap((node) =>
      node.kind === Ast.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  )
  const counting: Counting = { fragments, most: 0, left: parts }
  // fragments that no operation uses are validated too
  const places: (readonly SelectionSetNode[])[] = definitions.flatMap((node) =>
    'selectionSet' in node ? [[node.selectionSet]] : [],
  )
  for (let place = places.pop(); place !== undefined && counting.left > 0; place = places.pop())
    for (const below of countIn(counting, place)) places.push(below)
  if (counting.most > sameNames)
    throw new Problem(
      'TOO_COMPLEX',
      `At one place, the document has ${counting.most} fields of one name; at most ${sameNames} are allowed.`,
    )
  if (counting.left <= 0)
    throw new Problem(
      'TOO_COMPLEX',
      `A fragment contains itself, or the document has more than ${parts} parts with its fragments written out.`,
    )
}

/**
 * @param sets what is selected at one place
 * @returns the same of the places below
 */
function countIn(
  counting: Counting,
  sets: readonly SelectionSetNode[],
): readonly (readonly SelectionSetNode[])[] {
  const named: Named = new Map()
  const spread = new Set<string>()
  for (const set of sets) collect(counting, set, { named, spread })
  return [...named.values()].flatMap((fields) => {
    counting.most = Math.max(counting.most, fields.length)
    const below = fields.flatMap(({ selectionSet }) => selectionSet ?? [])
    return below.length > 0 ? [below] : []
  })
}

/** A fragment counts once at a place. One within itself comes back at the places below, until no part is left. */
function collect(
  counting: Counting,
  { selections }: SelectionSetNode,
  into: { readonly named: Named; readonly spread: Set<string> },
): void {
  for (const node of selections) {
    if (counting.left <= 0) return
    counting.left -= 1
    if (node.kind === Ast.FIELD) {
      const name = (node.alias ?? node.name).value
      const known = into.named.get(name)
      if (known === undefined) into.named.set(name, [node])
      else known.push(node)
    } else if (node.kind === Ast.INLINE_FRAGMENT) {
      collect(counting, node.selectionSet, into)
    } else if (!into.spread.has(node.name.value)) {
      into.spread.add(node.name.value)
      const fragment = counting.fragments.get(node.name.value)
      if (fragment !== undefined) collect(counting, fragment.selectionSet, into)
    }
  }
}
