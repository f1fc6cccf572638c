// The catalogue: a tree of categories, products in its leaves, and collections of them.
import { day, moment, money, openRandom } from './random.ts'

/** The leaves of the tree and their products: the prefix of SKUs, names, materials, and prices in whole units. */
const shelves = [
  {
    id: 4,
    sku: 'LMP',
    nouns: ['Desk Lamp', 'Floor Lamp', 'Pendant Light'],
    materials: ['Brass', 'Steel', 'Glass', 'Linen'],
    from: 25,
    to: 240,
  },
  {
    id: 5,
    sku: 'CHR',
    nouns: ['Chair', 'Armchair', 'Stool'],
    materials: ['Oak', 'Ash', 'Walnut', 'Linen'],
    from: 40,
    to: 690,
  },
  {
    id: 6,
    sku: 'TBL',
    nouns: ['Dining Table', 'Side Table', 'Bench'],
    materials: ['Oak', 'Ash', 'Walnut', 'Marble'],
    from: 60,
    to: 1400,
  },
  {
    id: 7,
    sku: 'POT',
    nouns: ['Saucepan', 'Frying Pan', 'Casserole'],
    materials: ['Steel', 'Copper', 'Cast Iron'],
    from: 20,
    to: 190,
  },
  {
    id: 8,
    sku: 'TBW',
    nouns: ['Plate', 'Bowl', 'Mug', 'Carafe'],
    materials: ['Stoneware', 'Porcelain', 'Glass'],
    from: 6,
    to: 60,
  },
  {
    id: 9,
    sku: 'KNF',
    nouns: ["Chef's Knife", 'Bread Knife', 'Paring Knife'],
    materials: ['Steel', 'Damask Steel'],
    from: 15,
    to: 160,
  },
  {
    id: 10,
    sku: 'TOL',
    nouns: ['Hand Trowel', 'Secateurs', 'Garden Fork'],
    materials: ['Steel', 'Copper', 'Ash'],
    from: 9,
    to: 85,
  },
  {
    id: 11,
    sku: 'PLT',
    nouns: ['Planter', 'Window Box', 'Watering Can'],
    materials: ['Terracotta', 'Zinc', 'Stoneware'],
    from: 12,
    to: 130,
  },
  {
    id: 12,
    sku: 'DSK',
    nouns: ['Writing Desk', 'Bookshelf', 'Drawer Unit'],
    materials: ['Oak', 'Ash', 'Walnut', 'Steel'],
    from: 90,
    to: 980,
  },
]

export const categoryRows = [
  { id: 1, name: 'Home', slug: 'home', parentId: null },
  { id: 2, name: 'Kitchen', slug: 'kitchen', parentId: null },
  { id: 3, name: 'Garden', slug: 'garden', parentId: null },
  { id: 4, name: 'Lighting', slug: 'lighting', parentId: 1 },
  { id: 5, name: 'Seating', slug: 'seating', parentId: 1 },
  { id: 6, name: 'Tables', slug: 'tables', parentId: 1 },
  { id: 7, name: 'Cookware', slug: 'cookware', parentId: 2 },
  { id: 8, name: 'Tableware', slug: 'tableware', parentId: 2 },
  { id: 9, name: 'Knives', slug: 'knives', parentId: 2 },
  { id: 10, name: 'Tools', slug: 'garden-tools', parentId: 3 },
  { id: 11, name: 'Planters', slug: 'planters', parentId: 3 },
  { id: 12, name: 'Home Office', slug: 'home-office', parentId: 1 },
]

const series = [
  'Aalto',
  'Birk',
  'Calma',
  'Dune',
  'Elva',
  'Fjord',
  'Gaia',
  'Hygge',
  'Isla',
  'Juno',
  'Koto',
  'Lumen',
  'Mira',
  'Nord',
  'Oslo',
  'Piper',
]
const colours = ['black', 'white', 'sand', 'olive', 'terracotta', 'blue']
const tags = ['new', 'handmade', 'recycled', 'outdoor', 'gift', 'bestseller']
const sentences = [
  'Made to be repaired.',
  'Ships in plain cardboard.',
  'Each piece differs a little.',
  'Designed for small rooms.',
  'Easy to clean.',
]

/** Products with ids from 1. Four in five are on sale. */
export function* productRows(count: number) {
  const random = openRandom(23) // with this seed the first five are on sale, in five categories
  for (let id = 1; id <= count; id++) {
    const shelf = random.pick(shelves)
    const material = random.pick(shelf.materials)
    const colour = random.pick(colours)
    const price = random.int(shelf.from, shelf.to) * 100 + random.pick([0, 50, 90])
    const noun = random.pick(shelf.nouns)
    yield {
      id,
      sku: `${shelf.sku}-${String(id).padStart(4, '0')}`,
      name: `${random.pick(series)} ${material} ${noun}`,
      description: `${noun} in ${material.toLowerCase()}; ${colour}. ${random.pick(sentences)} ${random.pick(sentences)}`,
      status: random.pick([
        'active',
        'active',
        'active',
        'active',
        'active',
        'active',
        'active',
        'active',
        'draft',
        'retired',
      ]),
      price: money(price),
      cost: money(Math.round((price * random.int(35, 70)) / 100)),
      stock: random.chance(0.1) ? 0 : random.int(1, 120),
      weight: random.chance(0.8) ? random.int(2, 400) / 10 : null,
      attributes: {
        colour,
        material: material.toLowerCase(),
        ...(random.chance(0.5) ? { size: { width: random.int(10, 180), unit: 'cm' } } : {}),
      },
      tags: tags.filter(() => random.chance(0.25)),
      categoryId: shelf.id,
      createdAt: moment(-random.int(1, 365 * day)),
    }
  }
}

export const collectionRows = [
  { id: 1, name: 'New this spring', slug: 'new-this-spring' },
  { id: 2, name: 'Small rooms', slug: 'small-rooms' },
  { id: 3, name: 'Presents', slug: 'presents' },
  { id: 4, name: 'A first kitchen', slug: 'a-first-kitchen' },
  { id: 5, name: 'Our favourites', slug: 'our-favourites' },
  { id: 6, name: 'Outdoors', slug: 'outdoors' },
]

/** Every collection has up to 24 products, each once. */
export function* collectionProductRows(products: number) {
  const random = openRandom(2)
  for (const { id } of collectionRows) {
    const chosen = new Set(
      Array.from({ length: random.int(12, 24) }, () => random.int(1, products)),
    )
    let position = 0
    for (const productId of chosen) yield { collectionId: id, productId, position: position++ }
  }
}
