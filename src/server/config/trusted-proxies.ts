// Which peers are our own proxies: ranges and presets, and the one function that everything trusting a header asks.
import ipaddr from 'ipaddr.js'
import { isIP } from 'node:net'
import { memoize } from '../../memoize.ts'

const loopback = ['127.0.0.0/8', '::1/128']
const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']
const everyone = ['0.0.0.0/0', '::/0']

/** Named ranges. Cloudflare's are those it publishes at cloudflare.com/ips (last changed 2021). */
const presets: Readonly<Record<string, readonly string[]>> = {
  loopback,
  private: privateRanges,
  cloudflare: [
    '173.245.48.0/20',
    '103.21.244.0/22',
    '103.22.200.0/22',
    '103.31.4.0/22',
    '141.101.64.0/18',
    '108.162.192.0/18',
    '190.93.240.0/20',
    '188.114.96.0/20',
    '197.234.240.0/22',
    '198.41.128.0/17',
    '162.158.0.0/15',
    '104.16.0.0/13',
    '104.24.0.0/14',
    '172.64.0.0/13',
    '131.0.72.0/22',
    '2400:cb00::/32',
    '2606:4700::/32',
    '2803:f800::/32',
    '2405:b500::/32',
    '2405:8100::/32',
    '2a06:98c0::/29',
    '2c0f:f248::/32',
  ],
  // A gateway that runs on Vercel: the peer is the platform's own proxy beside it, and it overwrites X-Forwarded-For.
  // Vercel publishes no ranges for what it proxies to other hosts.
  vercel: [...loopback, ...privateRanges, '169.254.0.0/16', 'fe80::/10'],
  true: everyone,
}

/** Presets, addresses and ranges as ranges; null when a part is none of these. */
export function toTrustedRanges(text: string): string[] | null {
  const ranges = text
    .split(',')
    .map((part) => part.trim())
    .flatMap((part) => presets[part] ?? [part])
  return ranges.every(isRange) ? ranges : null
}

function isRange(text: string): boolean {
  return isIP(text) !== 0 || (isIP(text.split('/')[0] ?? '') !== 0 && ipaddr.isValidCIDR(text))
}

/** Asked several times a request, mostly for the same few proxies. */
const REMEMBERED = 1000

/** Whether an address lies in the ranges; IPv4 in IPv6 (`::ffff:10.0.0.1`) counts as IPv4. */
export function buildTrust(ranges: readonly string[]): (address: string | undefined) => boolean {
  const parsed = ranges.map((range) =>
    ipaddr.parseCIDR(range.includes('/') ? range : `${range}/${isIP(range) === 4 ? 32 : 128}`),
  )
  const isWithin = memoize(REMEMBERED, (address) => {
    if (isIP(address) === 0) return false
    const peer = ipaddr.process(address)
    return parsed.some(([base, bits]) => base.kind() === peer.kind() && peer.match(base, bits))
  })
  return (address) => address !== undefined && isWithin(address)
}
