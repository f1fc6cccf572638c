// Handlers of one HTTP request: two run at a time, since each may hold a connection for as long as it likes.
import type { Bill } from '../request.ts'

const MAX_HANDLERS = 2

/** The last handlers of each HTTP request, which has one bill, and how many it had. */
const requests = new WeakMap<Bill, { readonly last: Promise<unknown>[]; count: number }>()

/** Runs a handler at once or in its turn; without a bill it is the only one. */
export function inTurn<T>(bill: Bill | undefined, handle: () => Promise<T>): Promise<T> {
  if (bill === undefined) return handle()
  const request = requests.get(bill) ?? { last: [], count: 0 }
  requests.set(bill, request)
  const lane = request.count % MAX_HANDLERS
  request.count += 1
  const before = request.last[lane]
  const done = before === undefined ? handle() : before.then(handle)
  request.last[lane] = done.catch(() => {}) // the caller of this one hears of it
  return done
}
