// Stock movements: written by operations, read by staff.
import { resource, staff } from '../declare.ts'

export const stockMovement = resource('stockMovements', {
  description: "One change of a product's stock. Rows are only ever added.",
  access: { read: staff },
  fields: {
    delta: { description: 'Below zero when stock left the store.' },
  },
})
