// Customers, and profiles for two in three of them.
import { day, moment, openRandom, uuidOf } from './random.ts'

const firstNames = [
  'Ada',
  'Zoë',
  'José',
  'Chloé',
  'Ivan',
  'Mei',
  'Noor',
  'Priya',
  'Samuel',
  'Lena',
  'Tomás',
  'Yuki',
  'Amara',
  'Oscar',
  'Ingrid',
]
const lastNames = [
  'Novák',
  'Müller',
  'Okafor',
  'Tanaka',
  'Silva',
  'Núñez',
  'Larsen',
  'Haddad',
  'Kovács',
  'Brown',
  'Rossi',
  'Dubois',
  'Nguyen',
]

/** Turns a name into the letters of an e-mail address. */
const plain = (name: string): string =>
  name
    .normalize('NFD')
    .replaceAll(/[^a-zA-Z]/g, '')
    .toLowerCase()

export function* customerRows(count: number) {
  const random = openRandom(3)
  for (let number = 1; number <= count; number++) {
    const first = random.pick(firstNames)
    const last = random.pick(lastNames)
    yield {
      id: uuidOf('customer', number),
      email: `${plain(first)}.${plain(last)}.${number}@example.com`,
      name: `${first} ${last}`,
      birthday: random.chance(0.7)
        ? moment(-random.int(20 * 365, 75 * 365) * day).slice(0, 10)
        : null,
      createdAt: moment(-random.int(1, 365 * day)),
    }
  }
}

export function* profileRows(customers: number) {
  const random = openRandom(4)
  for (let number = 1; number <= customers; number++) {
    if (number % 3 === 0) continue
    yield {
      customerId: uuidOf('customer', number),
      newsletter: random.chance(0.4),
      preferredTime: random.chance(0.5) ? `${random.int(10, 19)}:30:00` : null,
      preferences: { theme: random.pick(['light', 'dark']), currency: 'EUR' },
    }
  }
}
