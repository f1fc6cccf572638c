// Customers: each sees only themselves, so the e-mail addresses of others stay hidden.
import { z } from 'zod'
import { access, resource, staff } from '../declare.ts'

const themselves = access.owner('id', 'customerId')

export const customer = resource('customers', {
  description: 'Somebody who buys. Visible to themselves and to staff.',
  access: {
    read: access.any(themselves, staff),
    create: staff,
    update: access.any(themselves, staff),
    delete: staff,
  },
  fields: {
    email: { validate: (email) => email.regex(z.regexes.email, 'This is no e-mail address.') },
    name: {
      validate: (name) =>
        name.min(1, 'A name is not empty.').max(200, 'A name has at most 200 characters.'),
    },
    createdAt: { write: access.nobody },
  },
})
