// Measures, such as a rank or a distance: fields that are computed from a value of the request, to sort rows by.
import { type Column, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { kinds } from '../../schema/values/kinds.ts'
import type { Field, Search } from '../../schema/model/model.ts'
import type { VectorMetric } from '../../schema/model/nearest.ts'
import { spatialDistance } from './geometry.ts'
import { parameter } from './parameters.ts'
import type { Slot } from './read-request.ts'
import { rankSql } from './search.ts'
import { fieldParameter, searchParameter } from './values.ts'

/** The name is part of the request's shape, so it says all that the expression depends on. */
const measure = (
  name: string,
  nullable: boolean,
  expression: (columns: Readonly<Record<string, Column>>) => SQL,
): Field =>
  Object.freeze({
    name,
    nullable,
    source: { sql: expression },
    kind: kinds.float,
    list: false,
    served: false,
    enum: null,
    read: null,
    write: null,
    own: false,
    create: 'never',
    update: 'never',
    input: z.never(),
    wire: z.number(),
  })

/** How well rows match what is searched for. The text in the slot is that of the condition beside it. */
export const rankOf = (search: Search, slot: Slot): Field =>
  measure(`rank of ${slot}`, false, (columns) =>
    rankSql(search, parameter(slot, searchParameter), columns),
  )

/** pgvector's operators; that of the inner product is negative, so that the nearest has the least. */
const operators: Readonly<Record<VectorMetric, SQL>> = {
  L2: sql.raw('<->'),
  COSINE: sql.raw('<=>'),
  INNER_PRODUCT: sql.raw('<#>'),
}

/** How far a field's value is from the one in the slot. */
export const distanceOf = (field: Field, metric: VectorMetric, slot: Slot): Field =>
  measure(`${metric} of ${field.name} to ${slot}`, field.nullable, (columns) =>
    field.kind.name === 'geometry'
      ? spatialDistance(field, (convert) => parameter(slot, convert), columns)
      : sql`${columns[field.name]} ${operators[metric]} ${parameter(slot, fieldParameter(field))}`,
  )
