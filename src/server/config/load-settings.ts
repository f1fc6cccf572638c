// The settings for load: probes beside it, and the bounds of what a process takes on.
import { documented, hour, perMode } from './documented.ts'
import { hostName, whole, wholeText } from './value-forms.ts'

export const loadSettings = {
  adminPort: whole(0, 65_535)
    .optional()
    .register(documented, {
      name: 'ADMIN_PORT',
      example: '9000',
      allowed: wholeText(0, 65_535),
      description:
        'The port of `/healthz` and `/readyz` on a thread of its own, which answers while the process is busy; and of `/drift` and `/metrics`, which the process itself tells. It has no authentication but that of `/metrics`. Unset: none.',
    }),
  adminHost: hostName().register(documented, {
    name: 'ADMIN_HOST',
    default: '127.0.0.1',
    example: '0.0.0.0',
    allowed: 'an address or a host name',
    description: 'The address that `ADMIN_PORT` listens on.',
  }),
  maxConnections: whole(10, 1_000_000).register(documented, {
    name: 'MAX_CONNECTIONS',
    default: '4096',
    example: '1000',
    allowed: wholeText(10, 1_000_000),
    description:
      'The most connections of callers that a process has open. When all are taken, the ones idle for longest are closed, then those whose request does not arrive; else the new one is.',
  }),
  overloadWait: whole(0, hour).register(documented, {
    name: 'OVERLOAD_WAIT',
    default: perMode('0', '400'),
    example: '200',
    allowed: `${wholeText(0, hour)} (milliseconds; 0 switches it off)`,
    description:
      'How long a request may be expected to wait for those before it, in milliseconds; beyond it, requests are refused with 503. Twice as long where no queue stands, and four times as long for the first 500 requests of a process, in its first 10 seconds.',
  }),
  callerConcurrency: whole(0, 10_000)
    .optional()
    .register(documented, {
      name: 'CALLER_CONCURRENCY',
      default: { development: '0' },
      example: '20',
      allowed: `${wholeText(0, 10_000)} (0 for no limit)`,
      description:
        'How many slow requests of one caller (an address, for the anonymous) run at a time in a process; more wait up to 2 seconds, then they are 429. Callers of quick requests may run more. ' +
        'Unset in production: a quarter of the connections of the process, at least 2.',
    }),
  slowRequest: whole(0, hour).register(documented, {
    name: 'SLOW_REQUEST',
    default: '1000',
    example: '500',
    allowed: `${wholeText(0, hour)} (milliseconds; 0 for none)`,
    description: 'Requests that take as long have a line `slow` in the log, at `warn`.',
  }),
}
