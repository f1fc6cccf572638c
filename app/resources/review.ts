// Reviews: everyone reads those of products on sale; customers write their own.
import { access, own, resource, staff } from '../declare.ts'

export const review = resource('reviews', {
  description: 'What a customer says of a product: one review each.',
  access: {
    read: access.any({ product: { status: { eq: 'active' } } }, own, staff),
    create: own, // the new row must be the caller's
    update: own,
    delete: access.any(own, staff),
  },
  writes: ['upsert', 'deleteMany'], // write a review, first or changed; delete all reviews of a customer or a product
  fields: {
    rating: {
      description: 'From 1 to 5.',
      validate: (rating) =>
        rating.min(1, 'A rating is from 1 to 5.').max(5, 'A rating is from 1 to 5.'),
    },
    body: { validate: (body) => body.max(4000, 'A review has at most 4000 characters.') },
    createdAt: { write: access.nobody },
  },
})
