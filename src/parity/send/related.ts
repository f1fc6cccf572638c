// The path that REST has for one relation of a row.
import type { Operation } from '../../schema/model/model.ts'
import type { ParityRelation, ParityRequest } from '../request.ts'

/** The relation whose own path answers the request: it must ask for nothing else of the row. Null where it is another request. */
export function relatedOf(
  operation: Operation,
  { style, selection }: ParityRequest,
): ParityRelation | null {
  if (operation.standard !== 'get' || operation.by !== operation.resource.primaryKey) return null
  if (!style.related || selection === null || selection.fields.length > 0) return null
  const [only, ...others] = selection.relations
  return only === undefined || others.length > 0 ? null : only
}
