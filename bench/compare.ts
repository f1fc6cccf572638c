// Before anything is measured: do all servers answer the same? Names of envelopes and spellings of values are evened out first.
import { connect } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import { openReader } from './http-reader.ts'
import { toRequests } from './requests.ts'
import type { RunningServer } from './running.ts'
import { servers } from './servers.ts'
import { type WorkloadId, workloadIds } from './workloads.ts'

/** Members that hold a list or a record in one dialect or another and say nothing themselves. */
const envelopes = ['nodes', 'data', 'review']
/** What stands beside an answer: the pages around it, and its cost. */
const apart = ['page', 'extensions']
/** What the database made up, and differs from insert to insert. */
const made = ['id', 'createdAt']

function even(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(even)
  if (typeof value === 'string') return evenText(value)
  if (value === null || typeof value !== 'object') return value
  const members = Object.entries(value).filter(([name]) => !apart.includes(name))
  const [first] = members
  if (
    members.length === 1 &&
    first !== undefined &&
    (envelopes.includes(first[0]) || isRoot(first))
  )
    return even(first[1])
  return Object.fromEntries(members.map(([name, member]) => [name, even(member)]))
}

/** A field of a GraphQL document's root that is alone there. */
const isRoot = ([name, value]: readonly [string, unknown]) =>
  typeof value === 'object' && /^(product|order|create|insert|save|all|get)/i.test(name)

function evenText(text: string): string | number {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  if (/^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d/.test(text))
    return new Date(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')).toISOString()
  return text
}

/** The value without these members, at any depth. */
function without(names: readonly string[], value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => without(names, one))
  if (names.length === 0 || value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !names.includes(name))
      .map(([name, member]) => [name, without(names, member)]),
  )
}

const send = (port: number, request: Buffer) =>
  new Promise<string>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    socket.once('error', reject)
    socket.on(
      'data',
      openReader((status, body) => {
        socket.destroy()
        const text = body.toString()
        if (status >= 300 || text.includes('"errors"'))
          reject(new Error(`${status} ${text.slice(0, 1000)}`))
        else
          resolve(
            /^[\da-f]+\r\n/i.test(text)
              ? text.replaceAll(/(?:^|\r\n)[\da-f]+\r\n/gi, '').trim()
              : text,
          ) // chunks' framing
      }),
    )
  })

interface CompareOptions {
  readonly only: readonly WorkloadId[]
  readonly products: number
  clean(): Promise<void>
}

/** What one content is called on both faces: R1 and G1, R5 and G5 and so on are compared with each other too. */
const contents: Readonly<Partial<Record<WorkloadId, WorkloadId>>> = {
  G1: 'R1',
  G2: 'R2',
  G3: 'R3',
  G5: 'R5',
  G8: 'R4',
}
/** Requests that are compared, by number. */
const compared = [0, 1, 7, 123, 1999]

/** One sentence for each difference. */
export async function compareAnswers(
  running: readonly RunningServer[],
  { only, products, clean }: CompareOptions,
): Promise<readonly string[]> {
  const differences: string[] = []
  const expected = new Map<string, { readonly by: string; readonly value: unknown }>()
  for (const workload of workloadIds.filter((id) => only.includes(id))) {
    const content = contents[workload] ?? workload
    for (const server of running.filter(
      ({ name }) => servers[name].dialect[workload] !== undefined,
    )) {
      differences.push(...(await differencesOf(server, workload)))
      if (content === 'R5') await clean()
    }
  }
  return differences

  async function differencesOf(
    { name, port }: RunningServer,
    workload: WorkloadId,
  ): Promise<readonly string[]> {
    const content = contents[workload] ?? workload
    const requestOf = toRequests({ server: name, workload, products })
    for (const number of compared) {
      let value: unknown
      try {
        value = even(JSON.parse(await send(port, requestOf(number))))
      } catch (error) {
        return [`${name} ${workload}: ${String(error)}`]
      }
      const key = `${content} ${number}`
      const first = expected.get(key) ?? { by: `${name} ${workload}`, value }
      expected.set(key, first)
      const unseen = [
        ...(content === 'R5' ? made : []),
        ...(workload.startsWith('G') ? (servers[name].lacks ?? []) : []),
      ]
      if (!isDeepStrictEqual(without(unseen, first.value), without(unseen, value))) {
        return [
          `${name} ${workload} differs from ${first.by}:\n  ${excerpt(value)}\n  ${excerpt(first.value)}`,
        ]
      }
    }
    return []
  }
}

const excerpt = (value: unknown) => JSON.stringify(value).slice(0, 700)
