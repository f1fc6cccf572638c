// Writes beyond those of one row by its key: several creates at once, and what a resource opts into with `writes`.
import type { Report } from '../declare/model-error.ts'
import type { Resource, StandardKind, UniqueKey } from '../model/model.ts'
import { toPascal } from '../declare/names.ts'
import { writable } from '../inputs/standard-inputs.ts'

interface WriteOperation {
  readonly name: string
  readonly kind: StandardKind
  readonly by: UniqueKey | null
}

export function buildWriteOperations(resource: Resource): readonly WriteOperation[] {
  const { access, type, plural, writes } = resource
  const many = toPascal(plural)
  const operations: WriteOperation[] = []
  if (access.create.type !== 'nobody' && writable(resource, 'create').length > 0)
    operations.push({ name: `create${many}`, kind: 'createMany', by: null })
  if (writes.includes('upsert')) {
    for (const by of upsertKeys(resource)) {
      operations.push({
        name: `upsert${toPascal(type)}${by === resource.primaryKey ? '' : `By${by.name}`}`,
        kind: 'upsert',
        by,
      })
    }
  }
  if (writes.includes('updateMany'))
    operations.push({ name: `update${many}`, kind: 'updateMany', by: null })
  if (writes.includes('deleteMany'))
    operations.push({ name: `delete${many}`, kind: 'deleteMany', by: null })
  return operations
}

/** Keys whose columns a caller may give: by them a row that is not there yet can be named. */
const upsertKeys = ({ primaryKey, uniqueKeys }: Resource): readonly UniqueKey[] =>
  [primaryKey, ...uniqueKeys].filter(({ fields }) =>
    fields.every((field) => field.create !== 'never'),
  )

/** Upserts and writes by filter look at rows, so a resource that nobody reads has none of them. */
export function checkWrites(resource: Resource, report: Report): void {
  const { key, access, writes } = resource
  const needs = {
    upsert: ['read', 'create', 'update'],
    updateMany: ['read', 'update'],
    deleteMany: ['read', 'delete'],
  } as const
  for (const write of new Set(writes)) {
    const where = `resources.${key}.writes`
    const closed = needs[write].filter((verb) => access[verb].type === 'nobody')
    if (closed.length > 0)
      report(where, `has ${write}, for which access has to name ${closed.join(' and ')} too.`)
    if (write === 'upsert' && upsertKeys(resource).length === 0)
      report(where, 'has upsert, and no unique key whose columns callers may give.')
    if (write === 'updateMany' && writable(resource, 'update').length === 0)
      report(where, 'has updateMany, and no field that an update may change.')
  }
  if (writes.length > 0 && resource.version?.required === true)
    report(
      `resources.${key}.requireVersion`,
      `does not go with ${writes.join(' and ')}, which name no version.`,
    )
  if (writes.includes('upsert') && key === 'created')
    report(
      `resources.${key}`,
      'has upsert and the name of what an upsert says beside the row; name it otherwise.',
    )
}
