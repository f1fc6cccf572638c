// How many rows a to-many relation has, as a value: filters compare it and orders sort by it.
import { kinds } from '../values/kinds.ts'
import type { Field } from './model.ts'

/** The word for it, beside `some`, `none` and `every`. */
export const COUNT = 'count'

/** A whole number that is never null. It is of related rows, so only db/ can say what it is in SQL (see expressionOf). */
export const countField: Field = Object.freeze({
  name: COUNT,
  kind: kinds.integer,
  wire: kinds.integer.wire,
  input: kinds.integer.wire,
  list: false,
  nullable: false,
  served: true,
  enum: null,
  read: null,
  write: null,
  own: false,
  create: 'never',
  update: 'never',
  source: {
    sql: () => {
      throw new Error('A count is of related rows, not of a row.')
    },
  },
})
