// Requests as bytes: the text of HTTP/1.1, made before the load begins wherever it may be sent more than once.
import { createHmac } from 'node:crypto'
import { type ServerName, servers } from './servers.ts'
import {
  type Caller,
  customerId,
  inputOf,
  reviewerOf,
  reviewers,
  sizesOf,
  type WorkloadId,
  workloads,
} from './workloads.ts'

export const jwtSecret = 'of-the-benchmark-and-nothing-else-0123456789'

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

export function sign(claims: object): string {
  const signed = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ ...claims, exp: Math.floor(Date.now() / 1000) + 86_400 })}`
  return `${signed}.${createHmac('sha256', jwtSecret).update(signed).digest('base64url')}`
}

/** One of several members of the staff, each a caller of its own. */
export const staffToken = (number: number): string =>
  sign({ sub: `staff-${number}`, roles: ['staff'] })

/** The tokens of a caller; of customers there are as many as reviewers. */
function tokensOf(caller: Caller, products: number): readonly string[] {
  if (caller === 'anonymous') return []
  if (caller === 'staff') return [staffToken(1)]
  const { customers } = sizesOf(products)
  return Array.from({ length: reviewers }, (_, reviewer) =>
    sign({ sub: `customer-${reviewer}`, customerId: customerId(customers - reviewer) }),
  )
}

interface Asked {
  readonly server: ServerName
  readonly workload: WorkloadId
  readonly products: number
}

/** Many enough that no answer is a cached one's, few enough to make them all beforehand. */
const variants = 2000

/** The bytes of a request by its number. All servers are sent the same headers. */
export function toRequests({ server, workload, products }: Asked): (number: number) => Buffer {
  const ask = servers[server].dialect[workload]
  if (ask === undefined) throw new Error(`${server} does not do ${workload}.`)
  const { as } = workloads[workload]
  const tokens = tokensOf(as, products)
  const toBytes = (number: number) => {
    const { method, path, body } = ask(inputOf(number, products))
    const token = tokens[as === 'customer' ? reviewerOf(number, products) : 0]
    const head = [`${method} ${path} HTTP/1.1`, 'host: localhost', 'accept: application/json']
    if (token !== undefined) head.push(`authorization: Bearer ${token}`)
    if (body !== undefined)
      head.push('content-type: application/json', `content-length: ${Buffer.byteLength(body)}`)
    return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body ?? ''}`)
  }
  if (workload === 'R5' || workload === 'G5') return toBytes // each is good once
  const made = Array.from({ length: variants }, (_, number) => toBytes(number))
  return (number) => made[number % variants] ?? toBytes(number)
}
