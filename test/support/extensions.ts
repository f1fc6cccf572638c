// Databases with an extension: PGlite where it is a package of its own, and a server that has it, where the run was told of one. CI
// brings one (.ci/run) and fails without it; elsewhere what is not run says so, as an extension is not npm's to install.
import { Client } from 'pg'
import { describe, expect, test } from 'vitest'
import { onDatabase, type OpenFresh } from './databases.ts'

/** A superuser's URL of a PostgreSQL whose installation has extensions. */
const server = process.env['EXTENSIONS_URL'] ?? ''

/** Extensions that PGlite has as packages. */
const onPglite: ReadonlySet<string> = new Set(['vector'])

async function isInstalled(extension: string): Promise<boolean> {
  const client = new Client({ connectionString: server })
  await client.connect()
  try {
    return (
      (await client.query('select from pg_available_extensions where name = $1', [extension]))
        .rowCount === 1
    )
  } finally {
    await client.end()
  }
}

/** The suite on every database that has the extension; each database has it created. */
export async function withExtension(
  extension: string,
  suite: (open: OpenFresh) => void,
): Promise<void> {
  const created =
    (open: OpenFresh): OpenFresh =>
    async (options) => {
      const database = await open(options)
      await database.query({ text: `create extension "${extension}"`, values: [] })
      return database
    }
  if (onPglite.has(extension)) onDatabase('pglite', (open) => suite(created(open)))
  if (server !== '' && (await isInstalled(extension)))
    onDatabase('server', (open) => suite(created(open)))
  else {
    const why =
      server === ''
        ? 'EXTENSIONS_URL names no server'
        : 'the server of EXTENSIONS_URL does not have it'
    describe(`on a server with ${extension}`, () =>
      test.skipIf(process.env['CI'] !== 'true')(`not run: ${why}`, () => expect.unreachable(why)))
  }
}
