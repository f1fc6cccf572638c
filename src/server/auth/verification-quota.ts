// How many unknown credentials are verified of addresses that have sent too many bad ones: a rate, so that right ones among them still pass.
import { openBoundedMap } from '../../bounded-map.ts'

const PER_SECOND_OF_ADDRESS = 50
const PER_SECOND_IN_ALL = 500
/** Addresses that are over their limit at once. */
const MAX_ADDRESSES = 10_000

/** Whether one more of this address may be verified now; takes it then. */
export type TakeVerification = (address: string) => boolean

/** The quota of one process: it bounds the CPU and the queries that guesses take. @param now milliseconds of a monotonic clock */
export function openVerificationQuota(
  now: () => number = () => performance.now(),
): TakeVerification {
  const all = openBucket(PER_SECOND_IN_ALL)
  const addresses = openBoundedMap<string, Bucket>({ maxEntries: MAX_ADDRESSES })
  return (address) => {
    const at = now()
    if (!all.hasRoom(at)) return false
    let own = addresses.get(address)
    if (own === undefined) addresses.set(address, (own = openBucket(PER_SECOND_OF_ADDRESS)))
    if (!own.hasRoom(at)) return false
    own.take(at)
    all.take(at)
    return true
  }
}

interface Bucket {
  hasRoom(now: number): boolean
  take(now: number): void
}

/** Holds what is taken in one second, and drains evenly: a full one has room for one more after a part of a second. */
function openBucket(perSecond: number): Bucket {
  const cost = 1000 / perSecond
  let emptyAt = -Infinity
  return {
    hasRoom: (now) => emptyAt - now <= 1000 - cost,
    take(now) {
      emptyAt = Math.max(emptyAt, now) + cost
    },
  }
}
