// The servers of the comparison: how each is started, and how it is asked.
import { join } from 'node:path'
import { bifrons } from './dialects/bifrons.ts'
import { handGraphql, handRest } from './dialects/hand.ts'
import { platformatic } from './dialects/platformatic.ts'
import { postgraphile } from './dialects/postgraphile.ts'
import type { Dialect } from './workloads.ts'

interface Server {
  readonly title: string
  readonly dialect: Dialect
  /** Arguments of Node; absent: bifrons, which is told by the options. */
  readonly script?: string
  /** It needs the packages of others/. */
  readonly other?: true
  /** Members that its GraphQL does not have, or answers nothing for: it is measured without them. */
  readonly lacks?: readonly string[]
}

export const serverNames = [
  'bifrons',
  'hand-rest',
  'hand-graphql',
  'drizzle',
  'postgraphile',
  'platformatic',
] as const
export type ServerName = (typeof serverNames)[number]

const script = (path: string) => join(import.meta.dirname, path)

export const servers: Readonly<Record<ServerName, Server>> = {
  bifrons: { title: 'bifrons', dialect: bifrons },
  'hand-rest': {
    title: 'hand-written REST',
    dialect: handRest,
    script: script('servers/hand-rest.ts'),
  },
  'hand-graphql': {
    title: 'hand-written resolvers',
    dialect: handGraphql,
    script: script('servers/hand-graphql.ts'),
  },
  drizzle: { title: 'Drizzle on Fastify', dialect: handRest, script: script('servers/drizzle.ts') },
  postgraphile: {
    title: 'PostGraphile 5',
    dialect: postgraphile,
    script: script('others/postgraphile.ts'),
    other: true,
  },
  platformatic: {
    title: 'Platformatic DB',
    dialect: platformatic,
    script: script('others/platformatic.ts'),
    other: true,
    lacks: ['categoryId', 'customerId', 'productId'],
  },
}
