// The relations of the tables (Drizzle's). The keys are the plural names that callers see.
import { defineRelations } from 'drizzle-orm'
import { categories } from './tables/categories.ts'
import { collectionProducts } from './tables/collection-products.ts'
import { collections } from './tables/collections.ts'
import { customerProfiles } from './tables/customer-profiles.ts'
import { customers } from './tables/customers.ts'
import { orderItems } from './tables/order-items.ts'
import { orders } from './tables/orders.ts'
import { products } from './tables/products.ts'
import { reviews } from './tables/reviews.ts'
import { stockMovements } from './tables/stock-movements.ts'

const tables = {
  categories,
  products,
  customers,
  customerProfiles,
  orders,
  orderItems,
  reviews,
  collections,
  collectionProducts,
  stockMovements,
}

export const relations = defineRelations(tables, (r) => ({
  categories: {
    parent: r.one.categories({ from: r.categories.parentId, to: r.categories.id }), // a tree: the table refers to itself
    children: r.many.categories({ from: r.categories.id, to: r.categories.parentId }),
    products: r.many.products(),
  },
  products: {
    category: r.one.categories({
      from: r.products.categoryId,
      to: r.categories.id,
      optional: false,
    }),
    reviews: r.many.reviews(),
    orderItems: r.many.orderItems(),
    stockMovements: r.many.stockMovements(),
    collections: r.many.collections({
      // many-to-many, through the junction
      from: r.products.id.through(r.collectionProducts.productId),
      to: r.collections.id.through(r.collectionProducts.collectionId),
    }),
  },
  customers: {
    profile: r.one.customerProfiles({ from: r.customers.id, to: r.customerProfiles.customerId }), // one-to-one; may be missing
    orders: r.many.orders(),
    reviews: r.many.reviews(),
  },
  customerProfiles: {
    customer: r.one.customers({
      from: r.customerProfiles.customerId,
      to: r.customers.id,
      optional: false,
    }),
  },
  orders: {
    customer: r.one.customers({ from: r.orders.customerId, to: r.customers.id, optional: false }),
    items: r.many.orderItems(),
  },
  orderItems: {
    order: r.one.orders({ from: r.orderItems.orderId, to: r.orders.id, optional: false }),
    product: r.one.products({ from: r.orderItems.productId, to: r.products.id, optional: false }),
  },
  reviews: {
    customer: r.one.customers({ from: r.reviews.customerId, to: r.customers.id, optional: false }),
    product: r.one.products({ from: r.reviews.productId, to: r.products.id, optional: false }),
  },
  collections: {
    entries: r.many.collectionProducts(),
    products: r.many.products(),
  },
  collectionProducts: {
    collection: r.one.collections({
      from: r.collectionProducts.collectionId,
      to: r.collections.id,
      optional: false,
    }),
    product: r.one.products({
      from: r.collectionProducts.productId,
      to: r.products.id,
      optional: false,
    }),
  },
  stockMovements: {
    product: r.one.products({
      from: r.stockMovements.productId,
      to: r.products.id,
      optional: false,
    }),
  },
}))
