// The sample's first migration as drizzle-kit wrote it: the SQL, and the snapshot that the next one is compared with.

export const migrationFolder = '20261123000000_start'

export const migration = `CREATE TABLE "lists" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "lists_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"name" text NOT NULL UNIQUE,
	"is_public" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tasks" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "tasks_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"list_id" integer NOT NULL,
	"title" text NOT NULL,
	"due" date,
	"is_done" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE INDEX "tasks_list_id_index" ON "tasks" ("list_id");--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_list_id_lists_id_fkey" FOREIGN KEY ("list_id") REFERENCES "lists"("id") ON DELETE CASCADE;
`

const schema = 'public'

const table = (name: string) => ({ schema, name, isRlsEnabled: false, entityType: 'tables' })

const column = (owner: string, name: string, type: string, more: object = {}) => ({
  schema,
  table: owner,
  name,
  type,
  typeSchema: null,
  notNull: true,
  dimensions: 0,
  default: null,
  generated: null,
  identity: null,
  entityType: 'columns',
  ...more,
})

const identity = (name: string) => ({
  identity: {
    type: 'always',
    name,
    increment: '1',
    startWith: '1',
    minValue: '1',
    maxValue: '2147483647',
    cache: 1,
    cycle: false,
  },
})

const primaryKey = (owner: string) => ({
  schema,
  table: owner,
  name: `${owner}_pkey`,
  columns: ['id'],
  nameExplicit: false,
  entityType: 'pks',
})

/** What a statement touches, by which drizzle-kit sees that two branches' migrations are at odds. */
const footprint = (
  statementType: string,
  target: readonly string[],
  writes: readonly string[],
  reads: readonly string[],
) => ({ statementType, statementTarget: [target[0], schema, ...target.slice(1)], writes, reads })

const created = (kind: string, name: string) =>
  ['s', 'n', 'e'].map((sign) => `${sign}|${kind}|public.${name}`)

export const snapshot = {
  type: 'base',
  version: '9',
  dialect: 'postgres',
  id: '6df8aa34-0e45-4a6b-8e1f-70ecc44ed2c7',
  prevIds: ['00000000-0000-0000-0000-000000000000'],
  footprints: [
    footprint(
      'create_table',
      ['table', 'lists'],
      [
        ...created('tbl', 'lists'),
        'n|rel|public.lists',
        'n|type|public.lists',
        'n|rel|public.lists_pkey',
        'n|rel|public.lists_name_key',
      ],
      ['n|sch|public'],
    ),
    footprint(
      'create_table',
      ['table', 'tasks'],
      [
        ...created('tbl', 'tasks'),
        'n|rel|public.tasks',
        'n|type|public.tasks',
        'n|rel|public.tasks_pkey',
      ],
      ['n|sch|public'],
    ),
    footprint(
      'create_index',
      ['index', 'tasks', 'tasks_list_id_index'],
      [...created('idx', 'tasks_list_id_index'), 'n|rel|public.tasks_list_id_index'],
      ['n|tbl|public.tasks', 'n|sch|public', 'n|col|public.tasks.list_id'],
    ),
    footprint(
      'create_fk',
      ['table', 'tasks'],
      [
        ...created('fk', 'tasks.tasks_list_id_lists_id_fkey'),
        'n|con|public.tasks.tasks_list_id_lists_id_fkey',
      ],
      [
        'n|tbl|public.tasks',
        'n|sch|public',
        'n|tbl|public.lists',
        'n|sch|public',
        'n|col|public.tasks.list_id',
        'n|col|public.lists.id',
        'e|uniqueness|public.lists.id',
      ],
    ),
  ],
  ddl: [
    table('lists'),
    table('tasks'),
    column('lists', 'id', 'integer', identity('lists_id_seq')),
    column('lists', 'name', 'text'),
    column('lists', 'is_public', 'boolean', { default: 'false' }),
    column('tasks', 'id', 'integer', identity('tasks_id_seq')),
    column('tasks', 'list_id', 'integer'),
    column('tasks', 'title', 'text'),
    column('tasks', 'due', 'date', { notNull: false }),
    column('tasks', 'is_done', 'boolean', { default: 'false' }),
    {
      schema,
      table: 'tasks',
      name: 'tasks_list_id_index',
      nameExplicit: false,
      columns: [
        { value: 'list_id', isExpression: false, asc: true, nullsFirst: false, opclass: null },
      ],
      isUnique: false,
      where: null,
      with: '',
      method: 'btree',
      concurrently: false,
      entityType: 'indexes',
    },
    {
      schema,
      table: 'tasks',
      name: 'tasks_list_id_lists_id_fkey',
      nameExplicit: false,
      columns: ['list_id'],
      schemaTo: schema,
      tableTo: 'lists',
      columnsTo: ['id'],
      onUpdate: 'NO ACTION',
      onDelete: 'CASCADE',
      entityType: 'fks',
    },
    primaryKey('lists'),
    primaryKey('tasks'),
    {
      schema,
      table: 'lists',
      name: 'lists_name_key',
      nameExplicit: false,
      columns: ['name'],
      nullsNotDistinct: false,
      entityType: 'uniques',
    },
  ],
}
