// Cursors of a request: rows that it begins after become the texts that an earlier page gave out.
import { type Model, type Resource, targetOf } from '../../schema/model/model.ts'
import type {
  ParityCaller,
  ParityCursor,
  ParityList,
  ParityPage,
  ParityRequest,
  ParitySelection,
} from '../request.ts'

/** What cursors of a list are bound to. */
export type BoundTo = Pick<ParityList, 'orderBy' | 'distinctOn' | 'search'>

/** The cursors of the first rows of a list, as this caller sees it. */
export type CursorsOf = (
  caller: ParityCaller,
  resource: Resource,
  list: BoundTo,
) => Promise<readonly string[]>

/** The text of a cursor that has been looked up. */
export function textOf(cursor: ParityCursor | undefined): string | undefined {
  if (cursor === undefined) return undefined
  if ('text' in cursor) return cursor.text
  throw new Error('A cursor was sent that had not been looked up.')
}

interface Looking {
  readonly model: Model
  readonly caller: ParityCaller
  readonly cursorsOf: CursorsOf
}

export async function withCursors(
  model: Model,
  request: ParityRequest,
  resource: Resource | null,
  cursorsOf: CursorsOf,
): Promise<ParityRequest> {
  if (resource === null) return request
  const looking: Looking = { model, cursorsOf, caller: request.caller }
  return {
    ...request,
    ...(request.list === undefined ? {} : { list: await inList(looking, resource, request.list) }),
    selection:
      request.selection === null ? null : await inSelection(looking, resource, request.selection),
  }
}

async function inSelection(
  looking: Looking,
  resource: Resource,
  selection: ParitySelection,
): Promise<ParitySelection> {
  const relations = await Promise.all(
    selection.relations.map(async (asked) => {
      const relation = resource.relations.get(asked.name)
      if (relation === undefined) return asked
      const target = targetOf(looking.model, relation)
      return {
        ...asked,
        list: asked.list === null ? null : await inList(looking, target, asked.list),
        selection: await inSelection(looking, target, asked.selection),
      }
    }),
  )
  return { ...selection, relations }
}

/** A list that gives no cursor is asked without one. */
async function inList(looking: Looking, resource: Resource, list: ParityList): Promise<ParityList> {
  const find = async (cursor: ParityCursor): Promise<ParityCursor | undefined> => {
    if ('text' in cursor) return cursor
    const other: BoundTo = {
      orderBy: [
        { path: [resource.primaryKey.fields[0]?.name ?? ''], direction: 'DESC_NULLS_FIRST' },
      ],
    }
    const { orderBy, distinctOn, search } = list
    const own: BoundTo = {
      ...(orderBy === undefined ? {} : { orderBy }),
      ...(distinctOn === undefined ? {} : { distinctOn }),
      ...(search === undefined ? {} : { search }),
    }
    const found = await looking.cursorsOf(
      looking.caller,
      resource,
      cursor.order === 'own' ? own : other,
    )
    const text = found[cursor.row % Math.max(found.length, 1)]
    return text === undefined ? undefined : { text }
  }
  const { after, before, ...rest } = list.page
  const [start, end] = [
    after === undefined ? undefined : await find(after),
    before === undefined ? undefined : await find(before),
  ]
  const page: ParityPage = {
    ...rest,
    ...(start === undefined ? {} : { after: start }),
    ...(end === undefined ? {} : { before: end }),
  }
  return { ...list, page }
}
