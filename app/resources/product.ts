// Products: a policy for rows, policies for fields, validators and computed fields in one place.
import { sql } from 'drizzle-orm'
import { access, resource, staff } from '../declare.ts'
import { reviews } from '../tables/reviews.ts'

export const product = resource('products', {
  description: 'Something the store sells.',
  access: {
    read: access.any({ status: { eq: 'active' } }, staff), // a filter on rows: drafts do not exist for the public
    create: staff,
    update: staff,
    delete: staff,
  },
  export: { access: access.everyone, rows: 100_000 }, // price comparisons take the whole catalogue
  writes: ['upsert', 'updateMany'], // upserts from the supplier's list; price changes by filter
  fields: {
    sku: {
      description: 'The number on the shelf: three letters, a hyphen, four digits.',
      validate: (sku) =>
        sku.regex(/^[A-Z]{3}-\d{4,6}$/, 'A SKU is three letters, a hyphen and four to six digits.'),
    },
    price: {
      description: 'What a customer pays for one.',
      validate: (price) => price.refine((value) => Number(value) > 0, 'A price is above zero.'),
    },
    cost: {
      description: 'What the store pays for one.',
      read: staff,
      validate: (cost) => cost.refine((value) => Number(value) >= 0, 'A cost is not below zero.'),
    },
    stock: {
      description: 'How many can be ordered now.',
      validate: (stock) => stock.min(0, 'Stock is never below zero.'),
    },
    weight: { description: 'In kilograms, where it is known.' },
    attributes: { description: 'What only some products have, such as colour and size.' },
    createdAt: { write: access.nobody },
  },
  search: ['searchText'],
  computed: {
    margin: {
      description: 'Price less cost.',
      type: 'decimal',
      sql: (own) => sql`${own.price} - ${own.cost}`,
      read: staff,
    },
    rating: {
      description: 'The mean of all reviews; null before the first.',
      type: 'decimal',
      nullable: true,
      sql: (own) =>
        sql`(select round(avg(${reviews.rating}), 2) from ${reviews} where ${reviews.productId} = ${own.id})`,
    },
  },
})
