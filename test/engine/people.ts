// People with their teams, clubs, notes and letters. Each policy of the declaration hides something.
import { defineRelations } from 'drizzle-orm'
import {
  type AnyPgColumn,
  boolean,
  integer,
  numeric,
  pgTable,
  primaryKey,
  text,
} from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { declare, list } from '../../src/schema/declare/declare.ts'
import type { ModelDeclaration } from '../../src/schema/build/build-model.ts'
import { signedIn, type Fixture } from './support.ts'

const teams = pgTable('teams', {
  id: integer().primaryKey(),
  name: text().notNull(),
  open: boolean().notNull(),
})
const people = pgTable('people', {
  id: integer().primaryKey(),
  name: text().notNull(),
  email: text().notNull().unique(),
  user: text('user_name').notNull(),
  visible: boolean().notNull().default(true),
  locked: boolean().notNull().default(false),
  salary: numeric(),
  badge: text().unique(),
  diary: text(),
  password: text(),
  teamId: integer('team_id').references(() => teams.id),
  bossId: integer('boss_id').references((): AnyPgColumn => people.id),
})
const clubs = pgTable('clubs', { id: integer().primaryKey(), name: text().notNull() })
const memberships = pgTable(
  'memberships',
  {
    personId: integer('person_id')
      .notNull()
      .references(() => people.id),
    clubId: integer('club_id')
      .notNull()
      .references(() => clubs.id),
    secret: boolean().notNull(),
  },
  (table) => [primaryKey({ columns: [table.personId, table.clubId] })],
)
const notes = pgTable('notes', {
  id: integer().primaryKey(),
  personId: integer('person_id')
    .notNull()
    .references(() => people.id),
  body: text().notNull(),
})
const letters = pgTable('letters', { id: integer().primaryKey(), body: text().notNull() })

export const tables = { teams, people, clubs, memberships, notes, letters }
const relations = defineRelations(tables, (r) => ({
  teams: { people: r.many.people() },
  people: {
    team: r.one.teams({ from: r.people.teamId, to: r.teams.id }),
    boss: r.one.people({ from: r.people.bossId, to: r.people.id }),
    staff: r.many.people({ from: r.people.id, to: r.people.bossId }),
    notes: r.many.notes(),
    clubs: r.many.clubs({
      from: r.people.id.through(r.memberships.personId),
      to: r.clubs.id.through(r.memberships.clubId),
    }),
  },
  clubs: { members: r.many.people() },
  notes: { person: r.one.people({ from: r.notes.personId, to: r.people.id, optional: false }) },
}))
const { resource, access, operation } = declare({
  relations,
  caller: z.object({ user: z.string() }).partial(),
})
const staff = access.role('staff')
const own = access.owner('user', 'user')

const person = resource('people', {
  access: {
    read: access.any({ visible: { eq: true } }, own, staff),
    create: access.any(own, staff),
    update: access.any(access.all(own, { locked: { eq: false } }), staff),
    delete: access.any(access.all(own, { locked: { eq: false } }), staff),
  },
  fields: {
    password: { hidden: true },
    salary: {
      read: staff,
      validate: (salary) => salary.refine((v) => Number(v) >= 0, 'A salary is not below zero.'),
    },
    diary: { read: own },
    badge: { read: staff },
    locked: { write: staff },
  },
})

export const peopleDeclaration: ModelDeclaration = {
  name: 'People',
  relations,
  resources: {
    person,
    team: resource('teams', { access: { read: access.any({ open: { eq: true } }, staff) } }),
    club: resource('clubs', {
      access: { read: access.everyone, update: (caller) => caller.claims.user === 'ann' },
    }),
    membership: resource('memberships', {
      access: { read: access.any({ secret: { eq: false } }, staff) },
    }),
    note: resource('notes', { access: { read: staff } }),
    letter: resource('letters', { access: { create: access.everyone } }),
  },
  operations: {
    raise: operation({
      kind: 'mutation',
      rest: 'POST /raise',
      access: staff,
      input: z.object({ id: z.int32(), by: z.int32().min(1) }),
      output: person,
      handle: async ({ input }) => ({ id: input.id }),
    }),
    everybody: operation({
      kind: 'query',
      rest: 'GET /everybody',
      access: access.everyone,
      output: list(person),
      handle: async ({ tx }) => tx.select({ id: people.id }).from(people).orderBy(people.name),
    }),
  },
}

/** Every policy that says anything, by its place. */
export const policyPlaces = [
  'resources.person.rules.access.read',
  'resources.person.rules.access.create',
  'resources.person.rules.access.update',
  'resources.person.rules.access.delete',
  'resources.person.rules.fields.salary.read',
  'resources.person.rules.fields.diary.read',
  'resources.person.rules.fields.badge.read',
  'resources.person.rules.fields.locked.write',
  'resources.team.rules.access.read',
  'resources.club.rules.access.update',
  'resources.membership.rules.access.read',
  'resources.note.rules.access.read',
  'operations.raise.access',
]

/** The declaration with one policy replaced by `everyone`. */
export const withoutPolicy = (place: string): ModelDeclaration =>
  replaced(peopleDeclaration, place.split('.')) as ModelDeclaration // a copy of the same form

function replaced(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return access.everyone
  const members = value as Readonly<Record<string, unknown>> // the place leads through objects
  if (!(name in members)) throw new Error(`There is no ${name} in the declaration.`)
  return { ...members, [name]: replaced(members[name], rest) }
}

/** Ann has staff and an open team. Ben works for Ann and is hidden. Cid is locked. Dan's team is closed. Eve has a secret club, and no team or boss. */
export async function fillPeople({ sql }: Pick<Fixture, 'sql'>): Promise<void> {
  for (const table of ['notes', 'memberships', 'letters', 'people', 'clubs', 'teams'])
    await sql(`delete from ${table}`) // far cheaper than truncate
  await sql(`with t as (insert into teams values (1, 'open', true), (2, 'closed', false)),
    p as (insert into people (id, name, email, user_name, visible, locked, salary, diary, password, badge, team_id, boss_id) values
      (1, 'Ann', 'ann@x', 'ann', true, false, 10, 'ann''s diary', 'p', 'Ann', 1, null),
      (2, 'Ben', 'ben@x', 'ben', false, false, 20, 'ben''s diary', 'p', 'Ben', 1, 1),
      (3, 'Cid', 'cid@x', 'cid', true, true, 30, null, 'p', 'Cid', 1, 2),
      (4, 'Dan', 'dan@x', 'dan', true, false, null, 'dan''s diary', 'p', 'Dan', 2, 1),
      (5, 'Eve', 'eve@x', 'eve', true, false, 50, null, 'p', 'Eve', null, null)),
    c as (insert into clubs values (1, 'chess'), (2, 'spies')),
    m as (insert into memberships values (1, 1, false), (2, 1, false), (5, 1, false), (5, 2, true), (3, 2, true))
    insert into notes values (1, 1, 'good'), (2, 2, 'bad')`)
}

export const ann = signedIn({ user: 'ann' })
export const ben = signedIn({ user: 'ben' })
export const cid = signedIn({ user: 'cid' })
export const nobody = signedIn({})
export const boss = signedIn({}, 'staff')
