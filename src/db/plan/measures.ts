// Measures: what rows are sorted by that is worked out from a value of the request, as fields that only this request has.
import type { Column, SQL } from 'drizzle-orm'
import { z } from 'zod'
import { kinds } from '../../schema/kinds.ts'
import type { Field, Search } from '../../schema/model.ts'
import { parameter } from './parameters.ts'
import type { Slot } from './read-request.ts'
import { rankSql } from './search.ts'
import { searchParameter } from './values.ts'

/** The name is part of the request's shape, so it says all that the expression depends on. */
const measure = (name: string, nullable: boolean, expression: (columns: Readonly<Record<string, Column>>) => SQL): Field => Object.freeze({
  name, nullable, source: { sql: expression }, kind: kinds.float, list: false, served: false, enum: null, read: null, write: null, create: 'never', update: 'never',
  input: z.never(), wire: z.number(),
})

/** How well rows match what is searched for. The text in the slot is that of the condition beside it. */
export const rankOf = (search: Search, slot: Slot): Field =>
  measure(`rank of ${slot}`, false, (columns) => rankSql(search, parameter(slot, searchParameter), columns))
