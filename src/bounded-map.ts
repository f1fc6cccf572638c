// The bounded map behind every cache: entries that were used again survive a flood of keys that come once.
// Segmented FIFO with a second chance, as in S3-FIFO (Yang et al., SOSP 2023): see docs/decisions/0047.

export interface BoundedMap<K, V> {
  readonly get: (key: K) => V | undefined
  /** Keeps a value, in place of an earlier one. A value that is heavier than the bound is not kept. */
  readonly set: (key: K, value: V) => void
  readonly delete: (key: K) => void
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
  const isOver = (): boolean => spent > maxBytes
  return {
    maxBytes,
    get bytes() {
      return spent
    },
    join: (member) => {
      members.push(member)
    },
    spend(bytes) {
      spent += bytes
      if (bytes < 0) return
      while (isOver())
        members.reduce((most, member) => (member.bytes > most.bytes ? member : most)).evict()
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
  const store = openStore(budget, onEvict)
  const { entries } = store
  budget?.join(store)
  const maxWeight = Math.min(maxBytes, budget?.maxBytes ?? Infinity)
  const hasRoomFor = (weight: number): boolean =>
    entries.size < maxEntries && store.bytes + weight <= maxBytes
  return {
    get size() {
      return entries.size
    },
    get bytes() {
      return store.bytes
    },
    get(key) {
      const entry = entries.get(key)
      if (entry !== undefined) entry.used = true
      return entry?.value
    },
    set(key, value) {
      const before = entries.get(key)
      if (before !== undefined) store.remove(before)
      const weight = weigh(key, value)
      if (weight > maxWeight) return onEvict?.(key, value)
      while (!hasRoomFor(weight)) store.evict()
      store.insert(key, value, weight, before?.queue)
    },
    delete(key) {
      const entry = entries.get(key)
      if (entry !== undefined) store.remove(entry)
    },
  }
}

/** The entries with their order and their bytes, and no bound. */
interface Store<K, V> extends Member {
  readonly entries: ReadonlyMap<K, Entry<K, V>>
  /** @param queue of an earlier entry of the key; a new key is on probation */
  readonly insert: (key: K, value: V, bytes: number, queue: Queue<K, V> | undefined) => void
  readonly remove: (entry: Entry<K, V>) => void
}

function openStore<K, V>(
  budget: Budget | undefined,
  onEvict: BoundedMapOptions<K, V>['onEvict'],
): Store<K, V> {
  const entries = new Map<K, Entry<K, V>>()
  const queues: Queues<K, V> = { probation: openQueue(), secured: openQueue() }
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
  return {
    entries,
    get bytes() {
      return bytes
    },
    insert(key, value, weight, queue = queues.probation) {
      const entry = { key, value, bytes: weight, used: false, queue, previous: null, next: null }
      entries.set(key, entry)
      append(queue, entry)
      account(weight)
    },
    remove,
    evict() {
      const entry = chooseVictim(queues)
      if (entry === null) return
      remove(entry)
      onEvict?.(entry.key, entry.value)
    },
  }
}

interface Queues<K, V> {
  /** Set, and not known to be used again. */
  readonly probation: Queue<K, V>
  /** Used again while on probation, or since it was last looked at. */
  readonly secured: Queue<K, V>
}

const openQueue = <K, V>(): Queue<K, V> => ({ size: 0, first: null, last: null })

/** The next entry to go. Those that were used since they were queued are queued anew, and stay. */
function chooseVictim<K, V>({ probation, secured }: Queues<K, V>): Entry<K, V> | null {
  for (;;) {
    const isFull = secured.size > (probation.size + secured.size) * PROTECTED_SHARE
    const entry = (isFull ? secured.first : probation.first) ?? secured.first
    if (entry === null || !entry.used) return entry
    unlink(entry)
    append(secured, entry)
  }
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
