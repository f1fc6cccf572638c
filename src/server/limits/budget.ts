// The budget: what the work of an account may cost per window, in points. Work is charged by its worst case, and what it did not
// use is given back. See docs/decisions/0058.
import { openBoundedMap } from '../../bounded-map.ts'
import type { Budget, Receipt } from '../../engine/charge/budget.ts'
import { Problem } from '../../errors.ts'
import { type Count, type Counter, type Taken, toSeconds } from './counter.ts'

export interface AccountBudget extends Budget {
  /** Points of an account per window; 0 where work is free. */
  readonly limit: number
  /** How an account stood when this process last heard of it, in this window; null when it has not. */
  look(account: string): Standing | null
}

export type Standing = Pick<Count, 'left' | 'endsInMs'>

const free: AccountBudget = {
  limit: 0,
  look: () => null,
  take: () => unpaid,
}
const unpaid: Receipt = Object.freeze({ giveBack: () => 0 })

/** Opens the budget over a counter of points; one that grants nothing makes work free. */
export function openAccountBudget(points: Counter): AccountBudget {
  const { limit } = points
  if (limit === 0) return free
  const standings = openStandings()
  return {
    limit,
    look: standings.look,
    take(account, cost, paid = 0) {
      const pay = (taken: Taken): Receipt => {
        standings.note(account, taken)
        if (!taken.isTaken) throw toRefusal(cost, taken)
        return openReceipt(cost, taken, (unused) => standings.add(account, unused, taken.limit))
      }
      const whole = Math.max(1, limit - paid) // one that costs more needs all of a window
      const taking = points.take(account, Math.min(cost, whole))
      return taking instanceof Promise ? taking.then(pay) : pay(taking)
    },
  }
}

function openReceipt(cost: number, taken: Taken, onReturn: (points: number) => void): Receipt {
  let owed = cost
  let kept = Math.min(cost, taken.limit)
  return {
    giveBack(points) {
      const back = Math.min(Math.max(0, points), owed)
      owed -= back
      const unused = kept - owed
      if (unused <= 0) return back
      kept = owed
      taken.giveBack(unused)
      onReturn(unused)
      return back
    },
  }
}

function toRefusal(cost: number, { left, limit, endsInMs }: Count): Problem {
  const wait = toSeconds(endsInMs)
  return new Problem(
    'RATE_LIMITED',
    `The request may cost ${cost} points, and ${left} of ${limit} are left; try again in ${wait} s.`,
    { headers: { 'retry-after': String(wait) } },
  )
}

/** Accounts whose standing is remembered, as many as a counter has. */
const REMEMBERED = 50_000

interface Known {
  left: number
  endsAtMs: number
}

/** The last answers of a counter, which may be far away, for the header fields. */
function openStandings() {
  const known = openBoundedMap<string, Known>({ maxEntries: REMEMBERED })
  const current = (account: string): Known | null => {
    const standing = known.get(account)
    return standing === undefined || standing.endsAtMs <= performance.now() ? null : standing
  }
  return {
    note(account: string, { left, endsInMs }: Standing): void {
      const endsAtMs = performance.now() + endsInMs
      const standing = known.get(account)
      if (standing === undefined) known.set(account, { left, endsAtMs })
      else Object.assign(standing, { left, endsAtMs })
    },
    add(account: string, points: number, limit: number): void {
      const standing = current(account)
      if (standing === null) return
      standing.left += points
      if (standing.left >= limit) known.delete(account) // as if nothing had been taken: it would tell of refused requests
    },
    look(account: string): Standing | null {
      const standing = current(account)
      return standing === null
        ? null
        : { left: standing.left, endsInMs: standing.endsAtMs - performance.now() }
    },
  }
}
