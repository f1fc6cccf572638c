// Categories: everyone reads them, staff write them.
import { access, resource, staff } from '../declare.ts'

export const category = resource('categories', {
  description: 'A place in the catalogue; a tree, by `parent` and `children`.',
  access: { read: access.everyone, create: staff, update: staff, delete: staff },
  export: access.everyone,
  fields: {
    slug: {
      description: 'The name in addresses.',
      validate: (slug) =>
        slug.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'A slug is lower-case words joined by hyphens.'),
    },
    parentId: { description: 'Null at the top of the tree.' },
  },
})
