// Profiles: one-to-one with customers, who alone may read and write them.
import { own, resource } from '../declare.ts'

export const customerProfile = resource('customerProfiles', {
  description: 'What a customer prefers. Not even staff look in here.',
  access: { read: own, create: own, update: own, delete: own },
  writes: ['upsert'],
  fields: {
    newsletter: { description: 'Whether to write to them about news.' },
    preferredTime: { description: 'When parcels should arrive.' },
    preferences: { description: 'Whatever the shop front remembers.' },
  },
})
