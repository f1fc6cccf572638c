// The differences by design between the faces, each with its reason. The report counts them.

export interface Rule {
  readonly says: string
  readonly because: string
}

/** The comparison allows these. Any other difference is a fault. */
export const rules = Object.freeze({
  absentRow: {
    says: 'A row that is absent or hidden is null on GraphQL and 404 NOT_FOUND on REST.',
    because: 'GraphQL has null for a missing row, HTTP has a status.',
  },
  deniedField: {
    says: 'A field or relation that the caller named and may not read is null with one error on GraphQL, and refuses the whole request on REST; the rest of the answer is the same.',
    because: 'GraphQL answers in part, HTTP with one status (docs/concepts.md, Request).',
  },
  deniedDefault: {
    says: 'Without `fields`, REST leaves out the fields that the caller may not read. GraphQL answers them with null and an error.',
    because: 'GraphQL has no default fields: a document names every field.',
  },
  literal: {
    says: 'A value that is wrong is VALIDATION_FAILED; written as a literal of a GraphQL document it makes the document BAD_REQUEST, with the same issues.',
    because:
      'A document whose literals do not fit their types is not valid by the GraphQL specification.',
  },
  unknownParameter: {
    says: "A member that the input of a team's own query does not have is VALIDATION_FAILED on GraphQL; on REST that input is the query string, where an unknown parameter is BAD_REQUEST.",
    because: 'In a URL, a member of the input looks like any other parameter.',
  },
  wrongOrCostly: {
    says: 'A request that is wrong and also too costly may be told the one on GraphQL and the other on REST. Neither face does anything for it.',
    because:
      'Documents and variables are checked before a cost can be told; REST tells the cost before it reads the values.',
  },
  documentFirst: {
    says: 'GraphQL validates a whole document before its first mutation, and then refuses the document without naming a mutation. REST takes a batch request by request, and names the first that fails, which may be another.',
    because: 'Validation and variables come before execution in the GraphQL specification.',
  },
  answersNothing: {
    says: 'With `Prefer: return=minimal`, REST answers a write with a status alone; what is stored is compared.',
    because: 'A mutation of GraphQL always has a selection.',
  },
  late: {
    says: 'An answer that the database was too slow or too busy for (TIMEOUT, UNAVAILABLE) is not compared.',
    because: 'The next answer may be in time, on either face.',
  },
  volatile: {
    says: 'Values that the database generates, such as random ids, are compared as "new value 1", "new value 2".',
    because: 'The same write gets other values each time.',
  },
} satisfies Record<string, Rule>)

export type RuleName = keyof typeof rules

/** Features that one face has alone, so that no pair of requests can compare them. */
export const oneFaceOnly: readonly {
  readonly what: string
  readonly face: 'graphql' | 'rest'
  readonly because: string
}[] = Object.freeze([
  {
    what: 'node(nodeId) and the field nodeId',
    face: 'graphql',
    because: "Relay's server rules; on REST a row's path is its global name.",
  },
  {
    what: 'aliases, fragments, several queries in one document',
    face: 'graphql',
    because: "They are GraphQL's own syntax.",
  },
  {
    what: 'a single value where a list is expected',
    face: 'graphql',
    because: 'Input coercion of the GraphQL specification.',
  },
  {
    what: 'exports: a whole list as text/csv or application/x-ndjson',
    face: 'rest',
    because: 'A GraphQL answer is one JSON document; its form of the same list is the pages.',
  },
  {
    what: 'Location, Link, ETag and If-None-Match, HEAD, OPTIONS',
    face: 'rest',
    because: "They are HTTP's own syntax.",
  },
])
