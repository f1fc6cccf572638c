// The model without its read policies, with which the suite sees every row.
import type { PolicyNode } from '../../schema/declare/access.ts'
import type { Field, Model, Resource, StandardOperation } from '../../schema/model/model.ts'
import type { Database } from '../../db/database.ts'
import { readCell } from '../../engine/value-codec.ts'
import { cellText } from '../../engine/render/row-reader.ts'
import { type Engine, openEngine } from '../../engine/engine.ts'
import { execute } from '../../engine/execute.ts'
import type { ListInput } from '../../engine/request.ts'
import { anonymous } from '../../schema/declare/caller.ts'

const everyone: PolicyNode = { type: 'everyone' }

/** A row: its values as the API answers them, by field. */
export type Sample = Readonly<Record<string, unknown>>

/** An engine that shows every row and every field to every caller. */
export function openEverything(model: Model, database: Database): Engine {
  return openEngine({
    database,
    model: {
      ...model,
      resources: new Map([...model.resources].map(([key, resource]) => [key, readable(resource)])),
    },
  })
}

const readable = (resource: Resource): Resource => ({
  ...resource,
  fields: withoutPolicies(resource.fields),
  inner: { ...resource.inner, fields: withoutPolicies(resource.inner.fields) },
  access: { ...resource.access, read: everyone },
})

const withoutPolicies = (fields: ReadonlyMap<string, Field>): ReadonlyMap<string, Field> =>
  new Map([...fields].map(([name, field]) => [name, { ...field, read: null }]))

/** Rows of a resource, without its policies. */
export async function readEverything(
  engine: Engine,
  key: string,
  list: ListInput,
): Promise<readonly Sample[]> {
  const resource = engine.model.resources.get(key)
  if (resource === undefined) throw new Error(`The model has no resource ${key}.`)
  const operation: StandardOperation = {
    name: resource.plural,
    kind: 'query',
    standard: 'list',
    resource,
    by: null,
  }
  const result = await execute(engine, {
    operation,
    input: { list },
    selection: { fields: 'default', relations: [] },
    caller: anonymous,
    denied: 'refuse',
  })
  if (result.type !== 'page') throw new Error('A list was answered without a page.')
  const cells = result.layout.fields.map(({ field, index }) => ({
    name: field.name,
    index,
    read: readCell(field),
  }))
  return result.page
    .rows()
    .map((row) =>
      Object.fromEntries(cells.map(({ name, index, read }) => [name, read(cellText(row, index))])),
    )
}

/** Rows from both ends of every resource, from which random requests take their values. */
export async function readSamples(engine: Engine): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const samples = new Map<string, readonly Sample[]>()
  for (const {
    key,
    page: { max },
  } of engine.model.resources.values()) {
    const size = Math.min(max, 60)
    const [first, last] = [
      await readEverything(engine, key, { first: size }),
      await readEverything(engine, key, { last: Math.min(max, 20) }),
    ]
    samples.set(key, [...first, ...last])
  }
  return samples
}
