// What the log calls an operation: the name that its document gives it, else its root fields.
import { Kind, type OperationDefinitionNode } from 'graphql'

/** The most characters, and root fields, that a name has. */
const MAX_CHARS = 100
const MAX_FIELDS = 5

const names = new WeakMap<OperationDefinitionNode, string>()

/** Of a valid operation, so that its fields are of the schema. Documents are cached, and so is this. */
export function nameOf(operation: OperationDefinitionNode): string {
  const known = names.get(operation)
  if (known !== undefined) return known
  const name = (operation.name?.value ?? toRootFields(operation)).slice(0, MAX_CHARS)
  names.set(operation, name)
  return name
}

function toRootFields({ selectionSet }: OperationDefinitionNode): string {
  const fields = selectionSet.selections.flatMap((selection) =>
    selection.kind === Kind.FIELD ? [selection.name.value] : [],
  )
  const named = [...new Set(fields)]
  return [...named.slice(0, MAX_FIELDS), ...(named.length > MAX_FIELDS ? ['…'] : [])].join(' ')
}
