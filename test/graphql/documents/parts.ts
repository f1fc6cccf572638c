// What random documents are made of, before they are text: see write.ts. Nothing here knows how a document is spelled.

/** The number of requests of every document, each with other values of its variables. */
export const ASKED = 5

/** A value that is not given at all. */
export const absent: unique symbol = Symbol('absent')

/** A value of a document: one for each request; a literal is the first of them. */
export interface Leaf {
  readonly variants: readonly unknown[]
  /** `variable` is nullable where the place is, `required` never is, `default` has the first variant as its default. */
  readonly by: 'literal' | 'variable' | 'required' | 'default'
}

export const isLeaf = (value: unknown): value is Leaf =>
  typeof value === 'object' && value !== null && 'variants' in value

export interface Directive {
  readonly name: 'skip' | 'include'
  readonly condition: Leaf
}

interface Place {
  /** 0 without an alias. Aliases with one number and name merge. */
  readonly alias: number
  readonly directive: Directive | null
}

/** The arguments of a list; leaves stand anywhere in them. `whole` gives each argument as one variable. */
export interface ListArguments {
  readonly values: Readonly<Record<string, unknown>>
  readonly whole: boolean
}

/** One of several fields that select a list with the same arguments. */
export interface Use extends Place {
  readonly of: readonly Item[]
  /** The same arguments in another order. */
  readonly turned: boolean
}

export type Item =
  | (Place & { readonly kind: 'field'; readonly name: string; readonly of: readonly Item[] | null })
  | {
      readonly kind: 'called'
      readonly name: string
      readonly args: ListArguments
      readonly uses: readonly Use[]
    }
  | {
      readonly kind: 'fragment'
      readonly on: string | null
      readonly named: boolean
      readonly directive: Directive | null
      readonly of: readonly Item[]
    }

/** A document and the caller of each of its requests. */
export interface Asked {
  readonly items: readonly Item[]
  readonly callers: readonly number[]
}
