// Databases with an extension: PGlite, where npm has it as a package, and the server of EXTENSIONS_URL. npm installs no extension of a server:
// .ci/run does, and a run of CI without it fails. A run elsewhere prints one skipped test, which names the extension.
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
