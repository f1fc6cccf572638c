// The store's gateway: all declarations of this folder in one place. `bifrons dev app/gateway.ts` serves it.
import { gateway } from 'bifrons'
import { cancelOrder } from './operations/cancel-order.ts'
import { placeOrder } from './operations/place-order.ts'
import { salesSummary } from './operations/sales-summary.ts'
import { shipOrder } from './operations/ship-order.ts'
import { relations } from './relations.ts'
import { category } from './resources/category.ts'
import { collectionProduct } from './resources/collection-product.ts'
import { collection } from './resources/collection.ts'
import { customerProfile } from './resources/customer-profile.ts'
import { customer } from './resources/customer.ts'
import { orderItem } from './resources/order-item.ts'
import { order } from './resources/order.ts'
import { product } from './resources/product.ts'
import { review } from './resources/review.ts'
import { stockMovement } from './resources/stock-movement.ts'
import { seed } from './seed.ts'

export default gateway({
  name: 'Store',
  description: 'The reference store of bifrons: a catalogue, its customers, and what they buy.',
  relations,
  resources: {
    product,
    category,
    collection,
    collectionProduct,
    customer,
    customerProfile,
    order,
    orderItem,
    review,
    stockMovement,
  },
  operations: { placeOrder, cancelOrder, shipOrder, salesSummary },
  seed, // `dev` fills an empty database with it
})
