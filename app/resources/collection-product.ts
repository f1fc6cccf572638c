// The junction itself, for staff to put products into collections and for its position.
import { access, resource, staff } from '../declare.ts'

export const collectionProduct = resource('collectionProducts', {
  description: 'A product in a collection, and its place there.',
  access: {
    read: access.any({ product: { status: { eq: 'active' } } }, staff),
    create: staff,
    update: staff,
    delete: staff,
  },
})
