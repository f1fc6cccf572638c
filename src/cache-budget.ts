// The budget of all caches together, and the figures of each.

/** Of all bytes (of entries, where nothing weighs them), the part that new entries can never displace. */
export const PROTECTED_SHARE = 0.8

/** The heap of a text: V8 keeps one with a character beyond Latin-1 in two bytes each; any beyond ASCII counts as such. */
export const heapOfText = (text: string): number =>
  Buffer.byteLength(text) === text.length ? text.length : 2 * text.length

/** What one cache holds, and how it was used since the start. */
export interface CacheFigures {
  readonly name: string
  readonly entries: number
  /** Estimated bytes. */
  readonly bytes: number
  readonly hits: number
  readonly misses: number
  readonly evictions: number
}

/** A bound on the estimated bytes of several maps together. */
export interface Budget {
  readonly maxBytes: number
  readonly bytes: number
  /** One line for each name: maps of one name, such as those of the routes, count as one cache. */
  readonly figures: () => readonly CacheFigures[]
  /** Empties the maps of a name. */
  readonly clear: (name: string) => void
  /** For maps alone: makes the map one of those that share the budget. */
  readonly join: (member: Member) => void
  /** For maps alone: bytes that a queue of a map holds from now on; negative for those that it lets go. */
  readonly spend: (bytes: number, queue: QueueName) => void
  /** For maps alone: evicts until the budget is kept. */
  readonly keep: () => void
}

/** `probation`: not known to be used again. */
export type QueueName = 'probation' | 'secured'

/** A map, as its budget sees it. */
export interface Member {
  readonly figures: () => CacheFigures
  readonly bytesIn: (queue: QueueName) => number
  /** Looks at the first entry of the queue: evicts it, or secures it where it was used. */
  readonly evictFrom: (queue: QueueName) => void
  readonly clear: () => void
}

/**
 * Opens a budget. Over it, the map with the most bytes on probation evicts, so a flood of one map leaves the others and all
 * secured entries alone. Secured ones go only while they have more than their share of the budget.
 */
export function openBudget(maxBytes: number): Budget {
  const members: Member[] = []
  const held = { probation: 0, secured: 0 }
  const spent = (): number => held.probation + held.secured
  const evictOne = (): void => {
    const queue = held.secured > maxBytes * PROTECTED_SHARE ? 'secured' : 'probation'
    members
      .reduce((most, member) => (member.bytesIn(queue) > most.bytesIn(queue) ? member : most))
      .evictFrom(queue)
  }
  return {
    maxBytes,
    get bytes() {
      return spent()
    },
    figures: () =>
      [...Map.groupBy(members, (member) => member.figures().name)].map(([name, named]) =>
        named.map((member) => member.figures()).reduce((sum, one) => added(name, sum, one)),
      ),
    clear(name) {
      for (const member of members) if (member.figures().name === name) member.clear()
    },
    join: (member) => {
      members.push(member)
    },
    spend(bytes, queue) {
      held[queue] += bytes
    },
    keep() {
      while (spent() > maxBytes) evictOne()
    },
  }
}

const added = (name: string, one: CacheFigures, other: CacheFigures): CacheFigures => ({
  name,
  entries: one.entries + other.entries,
  bytes: one.bytes + other.bytes,
  hits: one.hits + other.hits,
  misses: one.misses + other.misses,
  evictions: one.evictions + other.evictions,
})
