// Ranges that together are most of the internet: who trusts them as proxies lets any caller forge its address.
import ipaddr from 'ipaddr.js'

type Interval = readonly [first: bigint, last: bigint]

/** All of IPv4, and what is routed of IPv6 (2000::/3). */
const worlds = { ipv4: toInterval('0.0.0.0/0'), ipv6: toInterval('2000::/3') }

/** Whether ranges cover half of the addresses of a kind, alone or together. */
export function coversTheWorld(ranges: readonly string[]): boolean {
  const cidrs = ranges.filter((range) => range.includes('/'))
  return (['ipv4', 'ipv6'] as const).some((kind) => {
    const ofKind = cidrs.filter((cidr) => ipaddr.parseCIDR(cidr)[0].kind() === kind)
    const [first, last] = worlds[kind]
    return countCovered(ofKind.map(toInterval), worlds[kind]) * 2n >= last - first + 1n
  })
}

/** The first and the last address of a range, as numbers. */
function toInterval(cidr: string): Interval {
  const [address, bits] = ipaddr.parseCIDR(cidr)
  const bytes = address.toByteArray()
  const size = 1n << BigInt(bytes.length * 8 - bits)
  const within = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  const first = within - (within % size)
  return [first, first + size - 1n]
}

/** How many addresses of the world are in at least one of the intervals. */
function countCovered(intervals: readonly Interval[], [begin, end]: Interval): bigint {
  let covered = 0n
  let next = begin
  for (const [first, last] of intervals.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const from = first > next ? first : next
    const to = last < end ? last : end
    if (to < from) continue
    covered += to - from + 1n
    next = to + 1n
  }
  return covered
}
