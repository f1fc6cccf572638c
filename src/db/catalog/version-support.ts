// Checks which tables have `xmin`, from which row versions are derived: ordinary tables of PostgreSQL, and no others.
import type { Model } from '../../schema/model/model.ts'
import type { Session } from '../database.ts'
import { tableName } from './table-name.ts'

const kinds: Readonly<Record<string, string>> = {
  p: 'partitioned table',
  f: 'foreign table',
  v: 'view',
}

/** What is wrong with a declaration that has versions of rows whose changes the database cannot tell; tables that are not there yet are right. */
export async function findVersionFaults(
  session: Session,
  model: Model,
): Promise<readonly string[]> {
  const kept = [...model.resources.values()].filter(({ version }) => version?.column === null)
  const { rows } = await session.query({
    text: `select t.place, c.relkind from unnest($1::text[]) with ordinality as t(name, place) join pg_class c on c.oid = to_regclass(t.name) where c.relkind <> 'r'`,
    values: [kept.map(tableName)],
  })
  return rows.map(
    ([place, kind]) =>
      `resources.${kept[Number(place) - 1]?.key}.version is not given, and the database has a ${kinds[kind ?? ''] ?? 'relation'} there, of whose rows it tells no versions: name a column, or say false.`,
  )
}
