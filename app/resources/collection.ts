// Collections: many-to-many with products. A caller sees only those products that they may read.
import { access, resource, staff } from '../declare.ts'

export const collection = resource('collections', {
  description: 'Products shown together.',
  access: { read: access.everyone, create: staff, update: staff, delete: staff },
  fields: {
    slug: {
      description: 'The name in addresses.',
      validate: (slug) =>
        slug.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'A slug is lower-case words joined by hyphens.'),
    },
  },
})
