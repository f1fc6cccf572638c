// Whether the entries of the audit can be written: their table is there, and open to the gateway's role.
import type { Model } from '../../schema/model/model.ts'
import type { Session } from '../database.ts'

const faults: Readonly<Record<string, string>> = {
  missing:
    'the table bifrons.audit is not in the database. Apply the gateway\'s own migrations with "bifrons migrate"',
  denied:
    'the role of DATABASE_URL may not insert into bifrons.audit. Grant it usage of the schema bifrons and insert on the table',
}

/** What keeps the audit of a declaration from being written; nothing where the declaration has no audit. */
export async function findAuditFaults(session: Session, model: Model): Promise<readonly string[]> {
  const places = [
    ...[...model.resources.values()].filter(({ audit }) => audit).map(({ key }) => key),
    ...model.operations.flatMap((operation) =>
      operation.standard === null && operation.audit ? [`operations.${operation.name}`] : [],
    ),
  ]
  const [first, ...others] = places
  if (first === undefined) return []
  const {
    rows: [row],
  } = await session.query({ text: FAULT, values: [] })
  const fault = faults[row?.[0] ?? '']
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  return fault === undefined ? [] : [`${first}.audit${more} is true, but ${fault}.`]
}

/** Not by to_regclass, which fails where the schema may not be used. */
const FAULT = `select case when c.oid is null then 'missing' else 'denied' end
  from (select 1) as one
  left join (pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'bifrons') on c.relname = 'audit'
  where c.oid is null or not (has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'insert'))`
