// The SQL of the hand-written servers: one statement for a request however deep, flat rows, and the code that nests them.
import pg from 'pg'

pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) => text) // a Date would drop microseconds; numerics are text already

/** As bifrons has by default. */
export const openPool = () =>
  new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 10 })

const one =
  'id, sku, name, status, price, stock, category_id as "categoryId", created_at as "createdAt"'
const full =
  'id, sku, name, description, status, price, stock, weight, category_id as "categoryId", created_at as "createdAt"'
const orderColumns = `o.id, o.status, o.total, o.placed_at as "placedAt", c.id as "customerId", c.name as "customerName", c.email as "customerEmail",
  i.line, i.quantity, i.price, p.id as "productId", p.sku, p.name`
const orderJoins = `join customers c on c.id = o.customer_id left join order_items i on i.order_id = o.id left join products p on p.id = i.product_id`

/** Named, so that PostgreSQL parses and plans each once for a connection. */
const named =
  (name: string, text: string) =>
  (...values: readonly unknown[]) => ({ name, text, values: [...values] })

export const statements = {
  product: named('product', `select ${one} from products where id = $1 and status = 'active'`),
  productsByIds: named(
    'products-by-ids',
    `select ${one} from products where id = any($1) and status = 'active'`,
  ),
  products: named(
    'products',
    `select ${full} from products where category_id = $1 and status = 'active' order by price, id limit $2`,
  ),
  productsWithReviews: named(
    'products-with-reviews',
    `
    select p.id, p.name, p.price, c.id as "categoryId", c.name as "categoryName", r.id as "reviewId", r.rating, a.name as author
    from (select id, name, price, category_id from products where category_id = $1 order by price, id limit $2) p
    join categories c on c.id = p.category_id
    left join lateral (select id, rating, customer_id from reviews where product_id = p.id order by id limit $3) r on true
    left join customers a on a.id = r.customer_id
    order by p.price, p.id, r.id`,
  ),
  order: named(
    'order',
    `select ${orderColumns} from orders o ${orderJoins} where o.id = $1 order by i.line`,
  ),
  orders: named(
    'orders',
    `select ${orderColumns}
    from (select * from orders where placed_at < $1 order by placed_at desc, id limit $2) o ${orderJoins} order by o.placed_at desc, o.id, i.line`,
  ),
  createReview: named(
    'create-review',
    `insert into reviews (customer_id, product_id, rating, body) values ($1, $2, $3, $4)
    returning id, customer_id as "customerId", product_id as "productId", rating, body, created_at as "createdAt"`,
  ),
}

export interface OrderRow {
  readonly id: string
  readonly status: string
  readonly total: string
  readonly placedAt: string
  readonly customerId: string
  readonly customerName: string
  readonly customerEmail: string
  readonly line: number | null
  readonly quantity: number
  readonly price: string
  readonly productId: number
  readonly sku: string
  readonly name: string
}

/** Rows of one order after the other, as orders with their items. */
export function nestOrders(rows: readonly OrderRow[]) {
  const orders = []
  let order
  for (const row of rows) {
    if (order === undefined || order.id !== row.id) {
      order = {
        id: row.id,
        status: row.status,
        total: row.total,
        placedAt: row.placedAt,
        customer: { id: row.customerId, name: row.customerName, email: row.customerEmail },
        items: new Array<unknown>(),
      }
      orders.push(order)
    }
    if (row.line === null) continue
    order.items.push({
      line: row.line,
      quantity: row.quantity,
      price: row.price,
      product: { id: row.productId, sku: row.sku, name: row.name },
    })
  }
  return orders
}

export interface ReviewedRow {
  readonly id: number
  readonly name: string
  readonly price: string
  readonly categoryId: number
  readonly categoryName: string
  readonly reviewId: number | null
  readonly rating: number
  readonly author: string
}

/** Rows of one product after the other, as products with their reviews. */
export function nestProducts(rows: readonly ReviewedRow[]) {
  const products = []
  let product
  for (const row of rows) {
    if (product === undefined || product.id !== row.id) {
      product = {
        id: row.id,
        name: row.name,
        price: row.price,
        category: { id: row.categoryId, name: row.categoryName },
        reviews: new Array<unknown>(),
      }
      products.push(product)
    }
    if (row.reviewId !== null)
      product.reviews.push({ id: row.reviewId, rating: row.rating, customer: { name: row.author } })
  }
  return products
}
