// Orders: read by their customer, changed through operations (operations/), so that stock and status stay consistent.
import { access, own, resource, staff } from '../declare.ts'

export const order = resource('orders', {
  description: 'What a customer bought. Orders are made by placeOrder.',
  access: {
    read: access.any(own, staff),
    // create and delete are closed, because they are not named
    update: access.any(access.all(own, { status: { eq: 'placed' } }), staff),
  },
  fields: {
    // only operations write the other fields
    id: { write: access.nobody },
    customerId: { write: access.nobody },
    status: { write: access.nobody },
    total: { description: 'The sum of its lines.', write: access.nobody },
    note: {
      description: 'For whoever packs it; the customer may change it until the order is shipped.',
      validate: (note) => note.max(500, 'A note has at most 500 characters.'),
    },
    placedAt: { write: access.nobody },
    shippedAt: { description: 'Null until it is shipped.', write: access.nobody },
  },
})
