// Requests of the store that are all different, as a flood has them: each leaves its shape in every cache.

export type Kind =
  | 'small documents'
  | 'large documents'
  | 'one field'
  | 'nested'
  | 'filters'
  | 'writes'
  | 'REST'
  | 'REST includes'

/** Nothing times out on a machine that has much else to do. */
export const patient = {
  REQUEST_TIMEOUT: '600000',
  STATEMENT_TIMEOUT: '60000',
}

interface Sent {
  readonly url: string
  /** A GraphQL document; undefined for a GET. */
  readonly body?: string
}

/** Fields that the anonymous may read. */
const fields = [
  'id',
  'sku',
  'name',
  'description',
  'status',
  'price',
  'stock',
  'weight',
  'tags',
  'attributes',
  'categoryId',
  'createdAt',
]

/** A selection of its own for every number below 4,096. */
const chosen = (number: number): readonly string[] => {
  const some = fields.filter((_, i) => ((number >> i) & 1) === 1)
  return some.length === 0 ? ['id'] : some
}

/** Names that make documents different where their selections are not. */
const named = (number: number): string => `q${number.toString(36)}`

/** @param padding characters of the aliases of fields */
function documentOf(number: number, aliases: number, below: number): string {
  const selection = (i: number): string =>
    chosen((number * 31 + i * 977) % 4096)
      .slice(0, below)
      .join(' ')
  return `query ${named(number)} {${Array.from({ length: aliases }, (_, i) => `a${i}:products(first:1){nodes{${selection(i)}}}`).join(' ')}}`
}

/** A document of about 15 KB: 28 lists with everything under them. */
function largeDocument(number: number): string {
  const row = 'id sku name description price status stock tags createdAt weight'
  return `query ${named(number)} {${Array.from(
    { length: 28 },
    (_, i) =>
      `a${i}:products(first:1){nodes{${row} category{id name products(first:1){nodes{${row} category{id name ${chosen((number * 31 + i) % 4096).map((name) => `products(first:1){nodes{${name}}}`)[0]}}}}}}}`,
  ).join(' ')}}`
}

export function requestOf(kind: Kind, number: number): Sent {
  switch (kind) {
    case 'small documents':
      return { url: '/graphql', body: documentOf(number, 28, 5) }
    case 'large documents':
      return { url: '/graphql', body: largeDocument(number) }
    case 'one field':
      return { url: '/graphql', body: documentOf(number, 1, 12) }
    case 'nested':
      return {
        url: '/graphql',
        body: `query ${named(number)} {categories(first:1){nodes{id name products(first:1){nodes{${chosen(number).join(' ')} category{id name}}}}}}`,
      }
    case 'filters':
      return {
        url: `/api/products?limit=1&where={"OR":[{"stock":{"gt":${number}}},{"NOT":{"name":{"ilike":"${number}"}}},{"${chosen(number)[0]}":{"isNull":false}}]}&fields=${chosen(number).join(',')}`,
      }
    case 'writes':
      return {
        url: '/graphql',
        body: `mutation ${named(number)} {updateProduct(id:1,input:{name:"${number}"}){${chosen(number).join(' ')}}}`,
      }
    case 'REST':
      return { url: `/api/products?limit=1&fields=${chosen(number).join(',')}&offset=${number}` }
    case 'REST includes':
      return {
        url: `/api/categories?limit=1&fields=id,name&include=products&products.limit=1&products.fields=${chosen(number).join(',')}&offset=${number % 7}`,
      }
  }
}

export const requestsOf = (kind: Kind, count: number, from: number): readonly Sent[] =>
  Array.from({ length: count }, (_, i) => requestOf(kind, from + i))
