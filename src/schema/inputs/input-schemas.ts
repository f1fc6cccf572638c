// The Zod schemas of every input of the standard operations: both faces are checked by these.
import type { z } from 'zod'
import type { Model, Resource, UniqueKey } from '../model/model.ts'
import type { View } from './describing.ts'
import { describeInputs } from './input-types.ts'
import { toZod } from './to-zod.ts'

/** Built when they are asked for, and kept where they are objects. */
export interface InputSchemas {
  where(resource: Resource): z.ZodType
  orderBy(resource: Resource): z.ZodType
  distinctOn(resource: Resource): z.ZodType
  create(resource: Resource): z.ZodType
  update(resource: Resource): z.ZodType
  createMany(resource: Resource): z.ZodType
  /** A create whose key is given: it names the row. */
  upsert(resource: Resource, by: UniqueKey): z.ZodType
  key(key: UniqueKey): z.ZodType
  groupBy(resource: Resource): z.ZodType
  having(resource: Resource): z.ZodType
  groupOrder(resource: Resource): z.ZodType
}

export function buildInputSchemas(
  model: Pick<Model, 'resources'>,
  view: View = 'served',
): InputSchemas {
  const types = describeInputs(model, view)
  return {
    where: (resource) => toZod(types.where(resource)),
    orderBy: (resource) => toZod(types.orderBy(resource)),
    distinctOn: (resource) => toZod(types.distinctOn(resource)),
    create: (resource) => toZod(types.create(resource)),
    update: (resource) => toZod(types.update(resource)),
    createMany: (resource) => toZod(types.createMany(resource)),
    upsert: (resource, by) => toZod(types.upsert(resource, by)),
    key: (key) => toZod(types.key(key)),
    groupBy: (resource) => toZod(types.groupBy(resource)),
    having: (resource) => toZod(types.having(resource)),
    groupOrder: (resource) => toZod(types.groupOrder(resource)),
  }
}
