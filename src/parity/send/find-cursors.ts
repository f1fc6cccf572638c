// Asks GraphQL for the cursors of lists, once for each caller, list and order.
import type { Resource } from '../../schema/model/model.ts'
import type { TestGateway } from '../gateway.ts'
import { type ParityCaller, plainStyle } from '../request.ts'
import { listIn, objectIn } from './answers.ts'
import type { CursorOrder, FindCursors } from './cursors.ts'
import { toOrder } from './graphql/input-values.ts'
import { toEnumName } from './graphql/literals.ts'
import { argument, type DocumentDraft, inParentheses } from './graphql/variables.ts'
import { inject } from './http.ts'

/** How many cursors are asked for. */
const MAX_CURSORS = 40

export function openFindCursors(gateway: TestGateway): FindCursors {
  const known = new Map<string, Promise<readonly string[]>>()
  return (caller, resource, list) => {
    const name = JSON.stringify([caller.name, resource.key, list])
    const cursors = known.get(name) ?? askCursors(gateway, caller, resource, list)
    known.set(name, cursors)
    return cursors
  }
}

/** No cursors where the caller may not read the list. */
async function askCursors(
  gateway: TestGateway,
  caller: ParityCaller,
  { plural, type, page }: Resource,
  { orderBy = [], distinctOn = [], search }: CursorOrder,
): Promise<readonly string[]> {
  const draft: DocumentDraft = {
    model: gateway.engine.model,
    style: plainStyle,
    variables: {},
    definitions: [],
  }
  const given = inParentheses([
    ...argument(draft, 'orderBy', `[${type}Order!]`, toOrder(orderBy)),
    ...argument(draft, 'search', 'String', search),
    ...argument(draft, 'distinctOn', `[${type}Field!]`, distinctOn.map(toEnumName)),
    ...argument(draft, 'first', 'Int', Math.min(MAX_CURSORS, page.max)),
  ])
  const query = `query${inParentheses(draft.definitions)} { ${plural}${given} { edges { cursor } } }`
  const { body } = await inject(gateway, { query, variables: draft.variables }, caller)
  const { data } = objectIn(JSON.parse(body))
  const connection = data && objectIn(data)[plural]
  if (!connection) return []
  return listIn(objectIn(connection)['edges']).map((edge) => String(objectIn(edge)['cursor']))
}
