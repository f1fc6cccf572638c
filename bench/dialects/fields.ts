// The fields that every server is asked for, by the names that they have in the store.
export const one = ['id', 'sku', 'name', 'status', 'price', 'stock', 'categoryId', 'createdAt']
export const row = [
  'id',
  'sku',
  'name',
  'description',
  'status',
  'price',
  'stock',
  'weight',
  'categoryId',
  'createdAt',
]
export const order = ['id', 'status', 'total', 'placedAt']
export const customer = ['id', 'name', 'email']
export const item = ['line', 'quantity', 'price']
export const itemProduct = ['id', 'sku', 'name']
export const review = ['id', 'customerId', 'productId', 'rating', 'body', 'createdAt']
