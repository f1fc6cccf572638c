// The junction: staff put products into collections and set their position.
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
