// Types of hand-written GraphQL fields: the compiler accepts right ones and refuses wrong ones.
import { defineRelations } from 'drizzle-orm'
import { bigint, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { declare } from '../../src/schema/declare/declare.ts'
import { type AnyGateway, gateway } from '../../src/server/gateway.ts'

const authors = pgTable('authors', { id: integer().primaryKey(), name: text().notNull() })
const books = pgTable('books', {
  id: integer().primaryKey(),
  title: text().notNull(),
  read: bigint({ mode: 'bigint' }).notNull(),
  authorId: integer().notNull(),
})
const relations = defineRelations({ authors, books }, (r) => ({
  authors: { books: r.many.books() },
  books: { author: r.one.authors({ from: r.books.authorId, to: r.authors.id, optional: false }) },
}))
const { resource, access } = declare({ relations })

/** The command line takes a gateway with any tables. */
export const library: AnyGateway = gateway({
  name: 'Library',
  relations,
  resources: {
    book: resource('books', { access: { read: access.everyone } }),
    author: resource('authors', { access: { read: access.everyone } }),
  },
  graphql: (builder) => {
    builder.drizzleObjectFields('books', (t) => ({
      label: t.string({
        select: { columns: { title: true }, with: { author: true } },
        resolve: (book): string => `${book.title} by ${book.author.name}`,
      }),
      readers: t.field({ type: 'BigInt', resolve: (book) => String(book.read + 1n) }),
      wrong: t.string({
        // @ts-expect-error the table has no such column
        resolve: (book) => book.colour,
      }),
      // @ts-expect-error a BigInt is text on the wire
      count: t.field({ type: 'BigInt', resolve: (book) => book.read }),
    }))
    builder.queryField('shelf', (t) =>
      t.drizzleField({
        type: ['books'],
        resolve: (query, _root, _args, { drizzle, caller }) =>
          drizzle.query.books.findMany(query({ where: { title: caller.id ?? '' } })),
      }),
    )
    // @ts-expect-error there is no such table
    builder.drizzleObjectField('magazines', 'label', (t) => t.string({ resolve: () => '' }))
  },
})
