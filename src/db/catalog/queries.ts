// The questions to PostgreSQL's own catalog (15 to 18), each answered with rows of one JSON text.

/** Tables and views of the schema $1, without partitions (their parent is served) and what belongs to extensions. */
const SERVED = `
  select c.oid, c.relname, c.relkind from pg_class c
  where c.relnamespace = to_regnamespace(quote_ident($1)) and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
    and c.relname <> '__drizzle_migrations'
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`

/** Every type with what is behind it when it is a domain: domains of domains too. */
const BASE = `
  select t.oid as type, t.oid as base, -1 as typmod, false as not_null, null::text collate "C" as expression, null::name as domain
    from pg_type t where t.typtype <> 'd'
  union all
  select d.oid, b.base, greatest(d.typtypmod, b.typmod), b.not_null or d.typnotnull, coalesce(pg_get_expr(d.typdefaultbin, 0), b.expression) collate "C", d.typname
    from pg_type d join base b on d.typbasetype = b.type where d.typtype = 'd'`

/** A column's type is resolved thrice: its domain, the elements of its array, and their domain. */
const COLUMNS = `
  select a.attrelid as relation, jsonb_agg(jsonb_build_object(
      'name', a.attname, 'position', a.attnum, 'comment', col_description(a.attrelid, a.attnum),
      'notNull', a.attnotnull or b.not_null,
      'type', e.typname, 'typeSchema', n.nspname, 'isEnum', e.typtype = 'e',
      'sqlType', format_type(e.oid, case when greatest(a.atttypmod, b.typmod, eb.typmod) >= 0 then greatest(a.atttypmod, b.typmod, eb.typmod) end),
      'dimensions', case when t.typcategory = 'A' and t.typelem <> 0 then greatest(a.attndims, 1) else 0 end,
      'domain', coalesce(b.domain, eb.domain),
      'expression', coalesce(pg_get_expr(d.adbin, d.adrelid), case when a.attgenerated = '' then b.expression end),
      'generated', a.attgenerated <> '', 'identity', a.attidentity,
      'serial', a.attidentity = '' and coalesce(pg_get_expr(d.adbin, d.adrelid), '') like 'nextval(%'
        and exists (select from pg_depend s where s.classid = 'pg_class'::regclass and s.refobjid = a.attrelid
          and s.refobjsubid = a.attnum and s.deptype = 'a')
    ) order by a.attnum) as columns
  from pg_attribute a
  join base b on b.type = a.atttypid
  join pg_type t on t.oid = b.base
  join base eb on eb.type = case when t.typcategory = 'A' and t.typelem <> 0 then t.typelem else t.oid end
  join pg_type e on e.oid = eb.base
  join pg_namespace n on n.oid = e.typnamespace
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid in (select oid from served) and a.attnum > 0 and not a.attisdropped
  group by a.attrelid`

/** The newer members of pg_constraint are read as JSON, for older servers do not have them. */
const CONSTRAINTS = `
  select c.conrelid as relation,
    jsonb_agg(jsonb_build_object('name', c.conname, 'columns', own.names) order by c.conname) filter (where c.contype = 'p') -> 0 as primary_key,
    jsonb_agg(jsonb_build_object('name', c.conname, 'columns', own.names, 'nullsNotDistinct', coalesce(i.indnullsnotdistinct, false))
      order by c.conname) filter (where c.contype = 'u') as uniques,
    jsonb_agg(jsonb_build_object('name', c.conname, 'columns', own.names,
      'targetSchema', tn.nspname, 'target', target.relname, 'targetColumns', other.names, 'onUpdate', c.confupdtype, 'onDelete', c.confdeltype,
      'certain', c.convalidated and coalesce(to_jsonb(c) ->> 'conenforced', 'true') = 'true'
    ) order by c.conkey, c.conname) filter (where c.contype = 'f' and c.conparentid = 0 and coalesce(to_jsonb(c) ->> 'conperiod', 'false') = 'false')
      as foreign_keys,
    jsonb_agg(jsonb_build_object('name', c.conname, 'expression', pg_get_expr(c.conbin, c.conrelid, true)) order by c.conname)
      filter (where c.contype = 'c') as checks
  from pg_constraint c
  left join pg_index i on i.indexrelid = c.conindid
  left join pg_class target on target.oid = c.confrelid
  left join pg_namespace tn on tn.oid = target.relnamespace
  cross join lateral (select jsonb_agg(a.attname order by k.place) as names from unnest(c.conkey) with ordinality as k(number, place)
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number) own
  cross join lateral (select jsonb_agg(a.attname order by k.place) as names from unnest(c.confkey) with ordinality as k(number, place)
    join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.number) other
  where c.conrelid in (select oid from served)
  group by c.conrelid`

/** Indexes that no constraint stands behind. */
const INDEXES = `
  select i.indrelid as relation, jsonb_agg(jsonb_build_object(
      'name', c.relname, 'method', am.amname, 'unique', i.indisunique, 'condition', pg_get_expr(i.indpred, i.indrelid, true), 'parts', p.parts
    ) order by c.relname) as indexes
  from pg_index i
  join pg_class c on c.oid = i.indexrelid
  join pg_am am on am.oid = c.relam
  cross join lateral (
    select jsonb_agg(jsonb_build_object(
        'column', a.attname, 'sql', pg_get_indexdef(i.indexrelid, k.place::int, true),
        'descending', i.indoption[k.place - 1] & 1 = 1, 'nullsFirst', i.indoption[k.place - 1] & 2 = 2,
        'operatorClass', case when not o.opcdefault then o.opcname end
      ) order by k.place) as parts
    from unnest(i.indkey::int2[]) with ordinality as k(number, place)
    join pg_opclass o on o.oid = i.indclass[k.place - 1]
    left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number and k.number > 0
    where k.place <= i.indnkeyatts
  ) p
  where i.indrelid in (select oid from served) and not i.indisprimary and i.indisvalid
    and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
  group by i.indrelid`

/**
 * Views that PostgreSQL can write through show each row of one table once. Where their plain columns come from stands in
 * the stored rule: ":resname NAME … :resorigtbl TABLE :resorigcol POSITION". A name that stands for two columns is left out.
 */
const ORIGINS = `
  select view as relation, jsonb_agg(jsonb_build_object('column', name, 'oid', oid, 'position', position)) as origins
  from (
    select view, name, min(oid) as oid, min(position) as position from (
      select s.oid as view, a.attname as name, m[2] as oid, m[3]::int as position
      from served s
      join pg_rewrite w on w.ev_class = s.oid and w.rulename = '_RETURN'
      cross join lateral regexp_matches(w.ev_action::text, ':resname (\\S+) :ressortgroupref \\d+ :resorigtbl (\\d+) :resorigcol (\\d+) :resjunk false', 'g') as m
      join pg_attribute a on a.attrelid = s.oid and a.attname = replace(m[1], '\\', '') and not a.attisdropped
      where s.relkind = 'v' and pg_relation_is_updatable(s.oid, false) & 4 = 4
        and pg_column_is_updatable(s.oid, a.attnum, false) and m[2] <> '0'
    ) found
    group by view, name having count(distinct (oid, position)) = 1
  ) plain
  group by view`

const KIND = `case s.relkind when 'v' then 'view' when 'm' then 'materializedView' when 'f' then 'foreignTable' when 'p' then 'partitionedTable' else 'table' end`

/** Columns of the tables and views with the names $1, by place in that list; null where there is no such relation. */
export const COLUMNS_OF = `
  with recursive named as (select place, to_regclass(name)::oid as oid from unnest($1::text[]) with ordinality as n(name, place)),
    served as (select oid from named where oid is not null), base as (${BASE})
  select n.place, case when n.oid is not null then coalesce(k.columns, '[]') end::text
  from named n left join (${COLUMNS}) k on k.relation = n.oid
  order by n.place`

/** Tables and views of the schema $1 by name, each with all that stands on it. */
export const TABLES = `
  with recursive served as (${SERVED}), base as (${BASE})
  select jsonb_build_object(
    'oid', s.oid::text, 'name', s.relname, 'kind', ${KIND}, 'comment', obj_description(s.oid, 'pg_class'),
    'columns', coalesce(columns, '[]'), 'primaryKey', primary_key, 'uniques', coalesce(uniques, '[]'),
    'foreignKeys', coalesce(foreign_keys, '[]'), 'checks', coalesce(checks, '[]'),
    'indexes', coalesce(indexes, '[]'), 'origins', coalesce(origins, '[]')
  )::text
  from served s
  left join (${COLUMNS}) k on k.relation = s.oid
  left join (${CONSTRAINTS}) c on c.relation = s.oid
  left join (${INDEXES}) i on i.relation = s.oid
  left join (${ORIGINS}) o on o.relation = s.oid
  order by s.relname collate "C"`

/** Every enum type of the database; the writer takes those that a table uses. */
export const ENUMS = `
  select jsonb_build_object('schema', n.nspname, 'name', t.typname, 'labels', jsonb_agg(e.enumlabel order by e.enumsortorder))::text
  from pg_type t join pg_namespace n on n.oid = t.typnamespace join pg_enum e on e.enumtypid = t.oid
  group by n.nspname, t.typname
  order by n.nspname collate "C", t.typname collate "C"`

export const WHERE_WE_ARE = `select current_database(), to_regnamespace(quote_ident($1)) is not null,
  (select string_agg(nspname, ', ' order by nspname) from pg_namespace where nspname !~ '^(pg_|information_schema$)')`
