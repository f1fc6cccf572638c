// A small library with every form of resource that GraphQL serves: composite keys, trees, odd labels, hidden fields and rows.
import { defineRelations, sql } from 'drizzle-orm'
import {
  bigint,
  doublePrecision,
  integer,
  jsonb,
  numeric,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { Problem } from '../../src/errors.ts'
import type { ModelDeclaration } from '../../src/schema/build/build-model.ts'
import { declare, list } from '../../src/schema/declare/declare.ts'
import type { GraphqlExtension } from '../../src/graphql/schema/builder.ts'

const condition = pgEnum('book_condition', ['new', 'well read', 'lost'])

const authors = pgTable('authors', {
  id: integer().primaryKey(),
  name: text().notNull(),
  bornOn: text('born_on'),
})

const books = pgTable('books', {
  id: integer().primaryKey(),
  isbn: text().notNull().unique(),
  title: text().notNull(),
  condition: condition().notNull().default('new'),
  price: numeric().notNull(),
  cost: numeric().notNull().default('1.5'),
  weight: doublePrecision(),
  tags: text().array().notNull().default([]),
  facts: jsonb(),
  read: bigint({ mode: 'bigint' })
    .notNull()
    .default(sql`0`),
  boughtAt: timestamp('bought_at', { withTimezone: true })
    .notNull()
    .default(sql`'2026-11-23 10:00:00.123456+00'`),
  authorId: integer('author_id')
    .notNull()
    .references(() => authors.id),
  sequelTo: integer('sequel_to'),
})

const copies = pgTable(
  'copies',
  {
    bookId: integer('book_id')
      .notNull()
      .references(() => books.id),
    number: integer().notNull(),
    shelf: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.bookId, table.number] })],
)

const loans = pgTable('loans', {
  id: uuid().primaryKey().defaultRandom(),
  member: text().notNull(),
  bookId: integer('book_id')
    .notNull()
    .references(() => books.id),
  note: text(),
})

const letters = pgTable('letters', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  body: text().notNull(),
})

export const relations = defineRelations({ authors, books, copies, loans, letters }, (r) => ({
  authors: { books: r.many.books() },
  books: {
    author: r.one.authors({ from: r.books.authorId, to: r.authors.id, optional: false }),
    prequel: r.one.books({ from: r.books.sequelTo, to: r.books.id, alias: 'series' }),
    sequels: r.many.books({ from: r.books.id, to: r.books.sequelTo, alias: 'series' }),
    copies: r.many.copies(),
    loans: r.many.loans(),
  },
  copies: { book: r.one.books({ from: r.copies.bookId, to: r.books.id, optional: false }) },
  loans: { book: r.one.books({ from: r.loans.bookId, to: r.books.id, optional: false }) },
}))

const { resource, operation, access } = declare({
  relations,
  caller: z.object({ member: z.string() }).partial(),
})
const staff = access.role('staff')

const author = resource('authors', {
  description: 'Who wrote it.',
  access: { read: access.everyone },
})
const book = resource('books', {
  description: 'What can be lent.',
  access: {
    read: access.any({ condition: { ne: 'lost' } }, staff),
    create: staff,
    update: staff,
    delete: staff,
  },
  fields: {
    cost: { description: 'What the library paid.', read: staff },
    isbn: { deprecated: 'Use nodeId.' },
    title: { validate: (title) => title.max(200, 'A title has at most 200 characters.') },
  },
  page: { max: 50 },
  writes: ['upsert', 'updateMany', 'deleteMany'],
})
const copy = resource('copies', { access: { read: access.everyone } })
const loan = resource('loans', {
  access: { read: access.any(access.owner('member', 'member'), staff), create: access.signedIn },
})
const letter = resource('letters', { access: { create: access.everyone } })

const cheapest = operation({
  kind: 'query',
  rest: 'GET /books/cheapest',
  description: 'The cheapest books.',
  access: access.everyone,
  input: z.object({ count: z.int32().min(1).max(10) }),
  output: list(book),
  handle: async ({ input, tx }) =>
    tx.select({ id: books.id }).from(books).orderBy(books.price, books.id).limit(input.count),
})

const appraise = operation({
  kind: 'query',
  rest: 'GET /appraisal',
  access: access.signedIn,
  input: z.object({
    mood: z.enum(['well read', 'new']).optional(),
    lines: z.array(z.object({ bookId: z.int32() })).optional(),
  }),
  output: z
    .object({
      total: z.string().describe('Of all books.'),
      mood: z.enum(['well read', 'new']),
      parts: z.array(z.object({ title: z.string() })),
    })
    .meta({ id: 'Appraisal' }),
  handle: async ({ input }) => ({
    total: '1',
    mood: input.mood ?? ('new' as const),
    parts: [{ title: 'x' }],
  }),
})

const burn = operation({
  kind: 'mutation',
  rest: 'POST /books/burn',
  access: access.everyone,
  output: book,
  handle: async () => {
    throw new TypeError('secret of the handler')
  },
})

const lend = operation({
  kind: 'mutation',
  rest: 'POST /books/lend',
  access: access.signedIn,
  input: z.object({ bookId: z.int32() }),
  output: loan,
  async handle({ input, caller, tx }) {
    if (input.bookId === 5) throw new Problem('CONFLICT', 'This book is lent.')
    const [lent] = await tx
      .insert(loans)
      .values({ bookId: input.bookId, member: caller.claims.member ?? '' })
      .returning({ id: loans.id })
    return lent ?? null
  },
})

export const declaration: ModelDeclaration = {
  name: 'Library',
  relations,
  resources: { author, book, copy, loan, letter },
  operations: { cheapest, appraise, burn, lend },
}

/** Hand-written fields as a team writes them: no type argument and no cast. */
export const extension: GraphqlExtension<typeof relations> = (builder) => {
  builder.drizzleObjectFields('books', (t) => ({
    label: t.string({
      select: { columns: { title: true } },
      resolve: (row) => `${row.title} at ${row.price}`,
    }),
    whole: t.string({
      resolve: (row) => `${row.title}, ${row.read + 1n}, ${row.boughtAt.getUTCFullYear()}`,
    }),
    writer: t.field({
      type: 'String',
      select: { with: { author: { columns: { name: true } } } },
      resolve: (row) => row.author.name,
    }),
  }))
  builder.drizzleObjectField('authors', 'titles', (t) =>
    t.stringList({
      args: { count: t.arg.int({ required: true }) },
      select: ({ count }) => ({
        with: { books: { columns: { title: true }, orderBy: { id: 'asc' }, limit: count } },
      }),
      resolve: (row) => row.books.map((one) => `${one.title} by ${row.name}`),
    }),
  )
  builder.drizzleObjectField('copies', 'volume', (t) => t.relation('book'))
  builder.queryField('shelf', (t) =>
    t.drizzleField({
      type: ['copies'],
      args: { name: t.arg.string({ required: true }) },
      resolve: (query, _root, { name }, { drizzle }) =>
        drizzle.query.copies.findMany(
          query({ where: { shelf: name }, orderBy: { bookId: 'desc' }, limit: 30 }),
        ),
    }),
  )
  builder.queryField('whoami', (t) =>
    t.string({ resolve: (_root, _args, { caller }) => caller.id ?? 'nobody' }),
  )
}

export const statements: readonly string[] = [
  `create type book_condition as enum ('new', 'well read', 'lost')`,
  `create table authors (id int primary key, name text not null, born_on text)`,
  `create table books (id int primary key, isbn text not null unique, title text not null, condition book_condition not null default 'new',
    price numeric not null, cost numeric not null default 1.5, weight float8, tags text[] not null default '{}', facts jsonb,
    read bigint not null default 0, bought_at timestamptz not null default '2026-11-23 10:00:00.123456+00',
    author_id int not null references authors, sequel_to int)`,
  `create table copies (book_id int not null references books, number int not null, shelf text not null, primary key (book_id, number))`,
  `create table loans (id uuid primary key default gen_random_uuid(), member text not null, book_id int not null references books, note text)`,
  `create table letters (id int primary key generated always as identity, body text not null)`,
  `insert into authors values (1, 'Ann', '1900'), (2, 'Bob', null)`,
  `insert into books (id, isbn, title, price, author_id, sequel_to, read, facts)
    select n, 'isbn-' || n, 'Book ' || n, n + 0.10, 1 + n % 2, nullif(n - 1, 0), 9007199254740993 + n, '{"big": 12345678901234567890.10}' from generate_series(1, 30) n`,
  `update books set condition = 'lost' where id = 30`,
  `update books set condition = 'well read', weight = 'NaN', tags = '{"a,b", null}' where id = 2`,
  `insert into copies select id, number, 'S' || number from books, generate_series(1, 3) number`,
  `insert into loans (id, member, book_id) values ('00000000-0000-0000-0000-000000000001', 'ann', 1), ('00000000-0000-0000-0000-000000000002', 'bob', 1)`,
]
