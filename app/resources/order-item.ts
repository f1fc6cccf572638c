// Lines of orders. A line belongs to the customer of its order, so the policy is a filter through that relation.
import { access, resource, staff } from '../declare.ts'

export const orderItem = resource('orderItems', {
  description: 'One line of an order.',
  access: {
    read: access.any(
      ({ claims: { customerId } }) =>
        customerId !== undefined && { order: { customerId: { eq: customerId } } },
      staff,
    ),
  },
  fields: {
    line: { description: 'Counts from 1 within the order.' },
    price: { description: 'Of one, on the day of the order.' },
  },
})
