// Counts the fields of a document with every fragment written out: fragments in fragments make few tokens into many levels.
import {
  type DocumentNode,
  Kind as Ast,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'

/** Fields of all operations, or of one. */
export function countFields(document: DocumentNode, of?: OperationDefinitionNode): number {
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Ast.FRAGMENT_DEFINITION ? [[node.name.value, node.selectionSet] as const] : [],
    ),
  )
  const counted = new Map<string, number>()
  const ofFragment = (name: string): number => {
    const known = counted.get(name)
    if (known !== undefined) return known
    const set = fragments.get(name)
    const count = set === undefined ? 0 : ofSet(set) // no cycles: validation has been before
    counted.set(name, count)
    return count
  }
  const ofSet = (set: SelectionSetNode): number =>
    set.selections.reduce((sum, node) => {
      if (node.kind === Ast.FRAGMENT_SPREAD) return sum + ofFragment(node.name.value)
      if (node.kind === Ast.INLINE_FRAGMENT) return sum + ofSet(node.selectionSet)
      return sum + 1 + (node.selectionSet === undefined ? 0 : ofSet(node.selectionSet))
    }, 0)
  return document.definitions.reduce(
    (sum, node) =>
      node.kind === Ast.OPERATION_DEFINITION && (of === undefined || node === of)
        ? sum + ofSet(node.selectionSet)
        : sum,
    0,
  )
}
