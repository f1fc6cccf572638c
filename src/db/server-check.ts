// Checks that we can serve a database: the server's version, its encoding, and how it writes dates.
import { Problem } from '../errors.ts'
import type { Database } from './database.ts'

const OLDEST = 15

/** Throws a Problem that says what to change, for the first thing that does not fit. */
export async function checkServer(database: Database): Promise<void> {
  const { rows } = await database.query({
    text: `select current_setting('server_version_num'), current_setting('server_version'),
      current_setting('server_encoding'), current_setting('DateStyle')`,
    values: [],
  })
  const [number, version, encoding, dateStyle] = rows[0] ?? []
  if (Math.floor(Number(number) / 10_000) < OLDEST) {
    throw new Problem(
      'INTERNAL',
      `The database is PostgreSQL ${version}; PostgreSQL ${OLDEST} or later is needed.`,
    )
  }
  if (encoding !== 'UTF8') {
    throw new Problem(
      'INTERNAL',
      `The database's encoding is ${encoding}; a database created with ENCODING 'UTF8' is needed.`,
    )
  }
  if (dateStyle?.startsWith('ISO') !== true) {
    throw new Problem(
      'INTERNAL',
      `The database writes dates as ${dateStyle}; set DateStyle to ISO for its role (ALTER ROLE … SET DateStyle = 'ISO').`,
    )
  }
}
