// Replaces the rows that a request's cursors point at by the texts that earlier pages gave out.
import { defined } from '../../defined.ts'
import { type Model, type Resource, targetOf } from '../../schema/model/model.ts'
import type {
  ParityCaller,
  ParityCursor,
  ParityList,
  ParityRelation,
  ParityRequest,
  ParitySelection,
} from '../request.ts'

/** The arguments that a list's cursors depend on. */
export type CursorOrder = Pick<ParityList, 'orderBy' | 'distinctOn' | 'search'>

/** Finds the cursors of the first rows of a list, as this caller sees it. */
export type FindCursors = (
  caller: ParityCaller,
  resource: Resource,
  list: CursorOrder,
) => Promise<readonly string[]>

/** The text of a cursor, or undefined. */
export function cursorText(cursor: ParityCursor | undefined): string | undefined {
  if (cursor === undefined) return undefined
  if ('text' in cursor) return cursor.text
  throw new Error('A cursor was sent before it was looked up.')
}

interface LookUp {
  readonly model: Model
  readonly caller: ParityCaller
  readonly findCursors: FindCursors
}

/** @param resource of the rows that the request answers; null where it answers none */
export async function withFoundCursors(
  model: Model,
  request: ParityRequest,
  resource: Resource | null,
  findCursors: FindCursors,
): Promise<ParityRequest> {
  if (resource === null) return request
  const lookUp: LookUp = { model, findCursors, caller: request.caller }
  const { list, selection } = request
  return {
    ...request,
    ...defined({ list: list && (await inList(lookUp, resource, list)) }),
    selection: selection && (await inSelection(lookUp, resource, selection)),
  }
}

async function inSelection(
  lookUp: LookUp,
  resource: Resource,
  selection: ParitySelection,
): Promise<ParitySelection> {
  const inRelation = async (asked: ParityRelation): Promise<ParityRelation> => {
    const relation = resource.relations.get(asked.name)
    if (relation === undefined) return asked
    const target = targetOf(lookUp.model, relation)
    return {
      ...asked,
      list: asked.list && (await inList(lookUp, target, asked.list)),
      selection: await inSelection(lookUp, target, asked.selection),
    }
  }
  return { ...selection, relations: await Promise.all(selection.relations.map(inRelation)) }
}

/** A list without rows has no cursors: it is then asked for without one. */
async function inList(lookUp: LookUp, resource: Resource, list: ParityList): Promise<ParityList> {
  const { after, before, ...rest } = list.page
  const start = after && (await findCursor(lookUp, resource, list, after))
  const end = before && (await findCursor(lookUp, resource, list, before))
  return { ...list, page: { ...rest, ...defined({ after: start, before: end }) } }
}

async function findCursor(
  { caller, findCursors }: LookUp,
  resource: Resource,
  list: ParityList,
  cursor: ParityCursor,
): Promise<ParityCursor | undefined> {
  if ('text' in cursor) return cursor
  const { orderBy, distinctOn, search } = list
  const order =
    cursor.order === 'own' ? defined({ orderBy, distinctOn, search }) : otherOrder(resource)
  const found = await findCursors(caller, resource, order)
  const text = found[cursor.row % Math.max(found.length, 1)]
  return text === undefined ? undefined : { text }
}

const otherOrder = ({ primaryKey }: Resource): CursorOrder => ({
  orderBy: [{ path: [primaryKey.fields[0]?.name ?? ''], direction: 'DESC_NULLS_FIRST' }],
})
