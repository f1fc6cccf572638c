// The bounded map behind every cache: entries that were used again survive a flood of keys that come once.
// Segmented FIFO with a second chance, as in S3-FIFO (Yang et al., SOSP 2023): see docs/decisions/0047.

export interface BoundedMap<K, V> {
  readonly get: (key: K) => V | undefined
  /** Keeps a value, in place of an earlier one. A value that is heavier than the bound is not kept. */
  readonly set: (key: K, value: V) => void
  readonly delete: (key: K) => void
  readonly clear: () => void
  readonly size: number
  /** Estimated bytes of all entries; 0 where nothing weighs them. */
  readonly bytes: number
}

export interface BoundedMapOptions<K, V> {
  readonly maxEntries: number
  /** The estimated memory of one entry, in bytes. It is asked once, when the entry is set. */
  readonly weigh?: (key: K, value: V) => number
  readonly maxBytes?: number
  /** Shared with other maps: it bounds the bytes of all of them together. */
  readonly budget?: Budget
  /** Told of each entry that makes room for another. */
  readonly onEvict?: (key: K, value: V) => void
}

/** A bound on the estimated bytes of several maps together. */
export interface Budget {
  readonly maxBytes: number
  readonly bytes: number
  /** For maps alone: makes the map one of those that share the budget. */
  readonly join: (member: Member) => void
  /** For maps alone: bytes that a map holds from now on; negative for those that it lets go. */
  readonly spend: (bytes: number) => void
}

interface Member {
  readonly bytes: number
  readonly evict: () => void
}

/** Opens a budget. Over it, the map with the most bytes evicts: a flood of one map leaves smaller ones alone. */
export function openBudget(maxBytes: number): Budget {
  const members: Member[] = []
  let spent = 0
  return {
    maxBytes,
    get bytes() { return spent },
    join: (member) => { members.push(member) },
    spend(bytes) {
      spent += bytes
      if (bytes < 0) return
      while (spent > maxBytes) members.reduce((most, member) => member.bytes > most.bytes ? member : most).evict()
    },
  }
}

interface Entry<K, V> {
  readonly key: K
  readonly value: V
  readonly bytes: number
  /** Since the entry was queued. A flag costs a use less than a move to the end of the queue. */
  used: boolean
  queue: Queue<K, V>
  previous: Entry<K, V> | null
  next: Entry<K, V> | null
}

/** First in, first out. Linked, as a Map whose first entry is deleted over and over is slow to find the next first. */
interface Queue<K, V> {
  size: number
  first: Entry<K, V> | null
  last: Entry<K, V> | null
}

/** Of all entries, the part that new ones can never displace. */
const PROTECTED_SHARE = 0.8

export function openBoundedMap<K, V>(options: BoundedMapOptions<K, V>): BoundedMap<K, V> {
  const { maxEntries, weigh = weightless, maxBytes = Infinity, budget, onEvict } = options
  const maxWeight = Math.min(maxBytes, budget?.maxBytes ?? Infinity)
  const entries = new Map<K, Entry<K, V>>()
  const probation: Queue<K, V> = { size: 0, first: null, last: null } // set, and not known to be used again
  const secured: Queue<K, V> = { size: 0, first: null, last: null } // used again while on probation
  let bytes = 0

  const account = (change: number): void => {
    bytes += change
    budget?.spend(change)
  }
  const remove = (entry: Entry<K, V>): void => {
    unlink(entry)
    entries.delete(entry.key)
    account(-entry.bytes)
  }
  const evict = (): void => {
    for (;;) {
      const isFull = secured.size > entries.size * PROTECTED_SHARE
      const entry = (isFull ? secured.first : probation.first) ?? secured.first
      if (entry === null) return
      if (!entry.used) {
        remove(entry)
        onEvict?.(entry.key, entry.value)
        return
      }
      unlink(entry)
      append(secured, entry)
    }
  }
  const map: BoundedMap<K, V> = {
    get size() { return entries.size },
    get bytes() { return bytes },
    get(key) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entry.used = true
      return entry.value
    },
    set(key, value) {
      const before = entries.get(key)
      if (before !== undefined) remove(before)
      const weight = weigh(key, value)
      if (weight > maxWeight) return onEvict?.(key, value)
      while (entries.size >= maxEntries || bytes + weight > maxBytes) evict()
      const entry = { key, value, bytes: weight, used: false, queue: probation, previous: null, next: null }
      entries.set(key, entry)
      append(before?.queue ?? probation, entry)
      account(weight)
    },
    delete(key) {
      const entry = entries.get(key)
      if (entry !== undefined) remove(entry)
    },
    clear() {
      for (const entry of entries.values()) remove(entry)
    },
  }
  budget?.join({ get bytes() { return bytes }, evict })
  return map
}

const weightless = (): number => 0

function append<K, V>(queue: Queue<K, V>, entry: Entry<K, V>): void {
  entry.used = false
  entry.queue = queue
  entry.previous = queue.last
  if (queue.last === null) queue.first = entry
  else queue.last.next = entry
  queue.last = entry
  queue.size += 1
}

/** The entry forgets its neighbours: one that is old and dead would keep them alive until the whole heap is collected. */
function unlink<K, V>(entry: Entry<K, V>): void {
  const { queue, previous, next } = entry
  if (previous === null) queue.first = next
  else previous.next = next
  if (next === null) queue.last = previous
  else next.previous = previous
  entry.previous = null
  entry.next = null
  queue.size -= 1
}
