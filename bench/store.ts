// The store's database for a benchmark: migrated by bifrons itself, loaded by store.sql, kept for the next run.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { parentOf } from './proc.ts'
import { customerId, reviewers, sizesOf } from './workloads.ts'

export interface Store {
  readonly url: string
  /** As PostgreSQL says it. */
  readonly version: string
  /** The process to which PostgreSQL's work is counted; undefined when it is not on this machine. */
  readonly postmaster: number | undefined
  /** Takes back what workloads have created. */
  clean(): Promise<void>
  close(): Promise<void>
}

interface StoreOptions {
  readonly products: number
  /** The command that runs bifrons. */
  readonly bifrons: readonly string[]
  readonly say: (line: string) => void
}

export async function openStore(
  server: string,
  { products, bifrons, say }: StoreOptions,
): Promise<Store> {
  const script = readFileSync(join(import.meta.dirname, 'store.sql'), 'utf8')
  const migrations = globSync(join(import.meta.dirname, '../app/drizzle/*/migration.sql'))
    .toSorted()
    .map((file) => readFileSync(file, 'utf8'))
  const mark = createHash('sha256')
    .update(script)
    .update(migrations.join(''))
    .digest('hex')
    .slice(0, 12)
  const name = `bifrons_bench_${products}`
  const url = new URL(server)
  url.pathname = `/${name}`
  if ((await markOf(server, name)) !== mark) {
    const start = performance.now()
    await withClient(server, async (client) => {
      await client.query(`drop database if exists ${name}`)
      await client.query(`create database ${name}`)
    })
    migrate(url.href, bifrons)
    await withClient(url.href, (client) => load(client, script, products))
    await withClient(server, (client) => client.query(`comment on database ${name} is '${mark}'`))
    say(
      `${products} products and what belongs to them, loaded in ${Math.round((performance.now() - start) / 1000)} s`,
    )
  } else {
    migrate(url.href, bifrons) // what a later version asks for
  }
  return connectStore(url.href, products)
}

async function connectStore(url: string, products: number): Promise<Store> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {}) // the server may be stopped before us (Ctrl-C); a statement under way fails by itself
  await client.connect()
  const { rows } = await client.query<{ pid: number; version: string }>(
    `select pg_backend_pid() pid, current_setting('server_version') version`,
  )
  const { customers } = sizesOf(products)
  const authors = Array.from({ length: reviewers }, (_, reviewer) =>
    customerId(customers - reviewer),
  )
  return {
    url,
    version: rows[0]?.version ?? 'of an unknown version',
    postmaster: parentOf(rows[0]?.pid ?? 0, 'postgres'),
    async clean() {
      await client.query('delete from reviews where customer_id = any($1)', [authors])
      await client.query('vacuum reviews') // so that each sample finds the table as the one before it did
    },
    close: () => client.end(),
  }
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

/** What was written beside a database when it was whole. */
const markOf = (server: string, name: string) =>
  withClient(server, async (client) => {
    const { rows } = await client.query<{ mark: string | null }>(
      `select shobj_description(oid, 'pg_database') mark from pg_database where datname = $1`,
      [name],
    )
    return rows[0]?.mark
  })

function migrate(url: string, [command = '', ...args]: readonly string[]): void {
  execFileSync(command, [...args, 'migrate', 'app/gateway.ts'], {
    env: { ...process.env, DATABASE_URL: url },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

async function load(client: pg.Client, script: string, products: number): Promise<void> {
  const { leaves, customers } = sizesOf(products)
  const sizes: Readonly<Record<string, number>> = { products, leaves, customers }
  await client.query(
    script.replaceAll(/(?<!:):([a-z]+)\b/g, (whole, name: string) => String(sizes[name] ?? whole)),
  )
  await client.query('vacuum analyze')
}
