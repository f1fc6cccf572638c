// Answers to names that a caller may not know, where introspection is off: those that the routes of their own model give
// (docs/decisions/0061). Asked only when a request is refused; what is answered costs nothing.
import { openBudget } from '../cache-budget.ts'
import { openBill, refundRefused } from '../engine/charge/bill.ts'
import type { CallerView, Names } from '../engine/names/open-names.ts'
import { rehearsalOf, WouldRun } from '../engine/rehearsal.ts'
import { Problem } from '../errors.ts'
import { withoutNames } from '../told-names.ts'
import type { Operation, Resource } from '../schema/model/model.ts'
import { noSuchRow } from './errors.ts'
import type { Incoming, Judge } from './request/incoming.ts'
import { buildRoutes } from './routes/build-routes.ts'
import type { Route } from './routes/route.ts'

/** What the routes of one view keep of the requests that they refuse. */
const CACHE_BYTES = 256 * 1024

export function openJudge(names: Names, prefix: string): Judge {
  const routesOf = once((view): ReadonlyMap<string, Route> => {
    const routes = buildRoutes({ model: view.model, budget: openBudget(CACHE_BYTES), prefix })
    return new Map(routes.map((route) => [nameOf(route), route]))
  })
  const refusalOf = async (route: Judged, incoming: Incoming): Promise<Problem | null> => {
    const { operation } = route
    const { caller } = incoming
    const view = names.viewOf(caller)
    if (operation !== undefined && view.standingOf(operation) === 'refused')
      return view.refusalOf(operation, caller)
    const own = routesOf(view).get(nameOf(route))
    return own === undefined ? null : rehearse(own, view, incoming)
  }
  return {
    openUnknown({ operation, ...route }) {
      const isUnknownIn = once((view: CallerView): boolean => {
        const standing = operation === undefined ? 'served' : view.standingOf(operation)
        if (standing === 'served') return !routesOf(view).has(nameOf(route))
        return standing === 'unknown'
      })
      return (caller) => isUnknownIn(names.viewOf(caller))
    },
    check(route, incoming) {
      const { operation } = route
      if (operation === undefined || !incoming.url.includes('?')) return null
      const resource = answeredBy(operation)
      if (resource === null) return null
      const { model } = names.viewOf(incoming.caller)
      if (model.resources.get(resource.key)?.access.read.type !== 'nobody') return null
      return refusalOf(route, incoming).then((found) => {
        if (found !== null) throw withoutNames(found)
      })
    },
    async restate(route, incoming, error) {
      if (!(error instanceof Problem) || error === noSuchRow) return error
      const found = await refusalOf(route, incoming)
      // what it would have cost tells of the name; those of a batch stand on its bill, and others of them may have been done
      if (found !== null && incoming.isCharged !== true) refundRefused(incoming.bill)
      return withoutNames(found ?? error)
    },
  }
}

/** The resource whose rows an operation answers. */
function answeredBy(operation: Operation): Resource | null {
  if (operation.standard !== null) return operation.resource
  const { output } = operation
  return output.type === 'value' ? null : output.resource
}

function once<T>(build: (view: CallerView) => T): (view: CallerView) => T {
  const known = new WeakMap<CallerView, { readonly value: T }>()
  return (view) => {
    const found = known.get(view) ?? { value: build(view) }
    known.set(view, found)
    return found.value
  }
}

type Judged = Pick<Route, 'operation' | 'method' | 'path'>

const nameOf = ({ method, path }: Pick<Route, 'method' | 'path'>): string => `${method} ${path}`

/** What the route refuses the request for before anything is run; null where it would run. */
async function rehearse(
  route: Route,
  view: CallerView,
  incoming: Incoming,
): Promise<Problem | null> {
  const engine = rehearsalOf(incoming.engine, view)
  const { isCharged: _charged, ...asked } = incoming
  const rehearsing: Incoming = { ...asked, engine, bill: openBill(engine, incoming.caller) }
  try {
    if (incoming.lines === undefined || route.openLines === undefined)
      await route.answer(rehearsing)
    else await route.openLines(incoming.lines, rehearsing)
  } catch (error) {
    if (error instanceof WouldRun) return null
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('A rehearsal has answered a request.')
}
