// The Zod schemas of what an aggregate is asked with: its groups, the filter on them and their order.
import { z } from 'zod'
import { type Aggregation, aggregationOf } from '../model/aggregates.ts'
import type { Resource } from '../model/model.ts'
import {
  lazily,
  nonEmpty,
  oneKey,
  orderDirections,
  type InputSchemas,
  shapeRule,
} from './standard-inputs.ts'

export interface AggregateShapes {
  readonly groupBy: z.ZodType
  readonly having: z.ZodType
  readonly orderBy: z.ZodType
}

/** The most keys of a group, and of the order of groups. */
const MAX_KEYS = 8

const known = new WeakMap<InputSchemas, Map<Resource, AggregateShapes>>()

/** Built when a resource's groups are first asked for. */
export function aggregateShapesOf(inputSchemas: InputSchemas, resource: Resource): AggregateShapes {
  const ofShapes = known.get(inputSchemas) ?? new Map<Resource, AggregateShapes>()
  known.set(inputSchemas, ofShapes)
  const made = ofShapes.get(resource) ?? buildShapesOf(inputSchemas, aggregationOf(resource))
  ofShapes.set(resource, made)
  return made
}

function buildShapesOf(inputSchemas: InputSchemas, aggregation: Aggregation): AggregateShapes {
  return {
    groupBy: z
      .array(z.enum([...aggregation.keys.keys()]))
      .max(MAX_KEYS)
      .refine((names) => new Set(names).size === names.length, shapeRule('Name each key once.')),
    having: havingShape(inputSchemas, aggregation),
    orderBy: z.array(orderShape(aggregation)).max(MAX_KEYS),
  }
}

function havingShape(inputSchemas: InputSchemas, { count, functions }: Aggregation): z.ZodType {
  const self: z.ZodType = z.strictObject(
    lazily([
      ['count', () => inputSchemas.comparison(count.value)],
      ...[...functions].map(
        ([name, aggregates]) =>
          [
            name,
            () =>
              nonEmpty(
                z.strictObject(
                  lazily(
                    [...aggregates].map(([of, { value }]) => [
                      of,
                      () => inputSchemas.comparison(value),
                    ]),
                  ),
                ),
              ),
          ] as const,
      ),
      ['AND', () => z.array(self)],
      ['OR', () => z.array(self)],
      ['NOT', () => self],
    ]),
  )
  return self
}

function orderShape({ keys, functions }: Aggregation): z.ZodType {
  const direction = z.enum(orderDirections)
  const one = (names: Iterable<string>) =>
    oneKey(lazily([...names].map((name) => [name, () => direction])))
  return oneKey(
    lazily([
      ['key', () => one(keys.keys())],
      ['count', () => direction],
      ...[...functions].map(([name, aggregates]) => [name, () => one(aggregates.keys())] as const),
    ]),
  )
}
