// What a connection has: the list that its types, its selection, and its compiled form all follow.

const connectionMembers = ['nodes', 'edges', 'pageInfo', 'totalCount'] as const
export type ConnectionMember = (typeof connectionMembers)[number]

export const isConnectionMember = (name: string): name is ConnectionMember =>
  connectionMembers.some((member) => member === name)

export type EdgeMember = 'cursor' | 'node'

/** The members of PageInfo, from a page. */
export const pageInfoMembers = {
  hasNextPage: ({ hasNext }: PageEnds) => hasNext,
  hasPreviousPage: ({ hasPrevious }: PageEnds) => hasPrevious,
  startCursor: ({ start }: PageEnds) => start,
  endCursor: ({ end }: PageEnds) => end,
}

interface PageEnds {
  readonly hasNext: boolean
  readonly hasPrevious: boolean
  readonly start: string | null
  readonly end: string | null
}

export const isPageInfoMember = (name: string): name is keyof typeof pageInfoMembers =>
  Object.hasOwn(pageInfoMembers, name)
