// Orders with their lines, and reviews.
import { day, moment, money, openRandom, uuidOf } from './random.ts'

interface SoldProduct {
  readonly id: number
  /** In cents. */
  readonly price: number
}

/** Orders over 300 days, each with one to seven lines of different products, four on average. */
export function* ordersWithItems(
  count: number,
  customers: number,
  products: readonly SoldProduct[],
) {
  const random = openRandom(9) // with this seed the first customer has an order of every status
  const interval = Math.floor((300 * day) / count)
  for (let number = 1; number <= count; number++) {
    const id = uuidOf('order', number)
    const placed = number * interval + random.int(0, interval - 1)
    const chosen = new Set(Array.from({ length: random.int(1, 7) }, () => random.pick(products)))
    const lines = [...chosen].map(({ id: productId, price }, index) => ({
      orderId: id,
      line: index + 1,
      productId,
      quantity: random.pick([1, 1, 1, 2, 2, 4]),
      price,
    }))
    const status = random.pick([
      'shipped',
      'shipped',
      'shipped',
      'shipped',
      'shipped',
      'shipped',
      'placed',
      'placed',
      'cancelled',
    ])
    yield {
      order: {
        id,
        status,
        customerId: uuidOf('customer', random.int(1, customers)),
        total: money(lines.reduce((sum, line) => sum + line.price * line.quantity, 0)),
        note: random.chance(0.1)
          ? random.pick(['Please leave it at the door.', 'It is a present.', 'Ring twice.'])
          : null,
        placedAt: moment(placed),
        shippedAt: status === 'shipped' ? moment(placed + random.int(day / 2, 4 * day)) : null,
      },
      items: lines.map((line) => ({ ...line, price: money(line.price) })),
    }
  }
}

/** The best first. */
const opinions = [
  { rating: 5, remarks: ['I would buy it again at once.', 'Better than in the picture.', ''] },
  { rating: 4, remarks: ['Very pleased, though the parcel was late.', 'Lovely material.'] },
  { rating: 3, remarks: ['Does what it should.', 'Fine for the price.'] },
  { rating: 2, remarks: ['Smaller than I thought.', 'Wobbles.'] },
  { rating: 1, remarks: ['It broke within a week.', 'Not what the picture shows.'] },
]

/** No customer reviews a product twice. */
export function* reviewRows(count: number, customers: number, products: number) {
  const random = openRandom(6)
  const seen = new Set([0])
  for (let number = 0; number < count;) {
    const customer = random.int(1, customers)
    const productId = random.int(1, products)
    const pair = customer * (products + 1) + productId
    if (seen.has(pair)) continue
    seen.add(pair)
    number++
    const { rating, remarks } = random.pick(random.chance(0.5) ? opinions.slice(0, 2) : opinions)
    yield {
      customerId: uuidOf('customer', customer),
      productId,
      rating,
      body: random.pick(remarks),
      createdAt: moment(random.int(day, 300 * day)),
    }
  }
}
