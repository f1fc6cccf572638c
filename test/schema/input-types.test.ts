// Inputs are described once: what Zod checks, what GraphQL shows and what JSON Schema says have the same members.
import type { GraphQLSchema } from 'graphql'
import { isInputObjectType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { buildGraphqlSchema } from '../../src/graphql/schema/build-schema.ts'
import { buildSchemas } from '../../src/rest/openapi/schemas/component-schemas.ts'
import { buildModel } from '../../src/schema/build/build-model.ts'
import { describeInputs } from '../../src/schema/inputs/input-types.ts'
import { toZod } from '../../src/schema/inputs/to-zod.ts'
import { parseInput } from '../../src/schema/inputs/validation-issues.ts'
import type { Model } from '../../src/schema/model/model.ts'
import type { Member, ObjectType, ValueType } from '../../src/schema/values/value-types.ts'
import { atlas } from '../engine/places.ts'
import { gallery } from '../engine/vectors.ts'
import { declaration as library } from '../graphql/library.ts'
import { museum } from '../parity/museum.ts'

/** Every object that the inputs of a model lead to, by name. */
function objectsOf(model: Model): ReadonlyMap<string, ObjectType> {
  const types = describeInputs(model)
  const found = new Map<string, ObjectType>()
  const visit = (type: ValueType): void => {
    if (type.type === 'list') visit(type.of.value)
    if (type.type !== 'object' || type.name === undefined || found.has(type.name)) return
    found.set(type.name, type)
    for (const { value } of type.members.values()) visit(value)
  }
  for (const resource of model.resources.values()) {
    for (const of of [types.where, types.orderBy, types.create, types.update]) visit(of(resource))
    for (const of of [types.having, types.groupOrder]) visit(of(resource))
  }
  return found
}

function schemaOf(model: Model): GraphQLSchema {
  const drizzle = {
    client: {},
    getTableConfig: () => ({ columns: [], primaryKeys: [] }),
    relations: model.vocabulary.relations,
  }
  const run = () => Promise.reject(new Error('This schema runs nothing.'))
  return buildGraphqlSchema({ model, drizzle, run, extension: undefined })
}

const isEmptyObject = ({ value }: Member): boolean =>
  value.type === 'object' && value.members.size === 0

describe.each([
  ['the museum', buildModel(museum)],
  ['the library', buildModel(library)],
  ['vectors', buildModel(gallery)],
  ['places', buildModel(atlas)],
])('%s', (_name, model) => {
  const objects = objectsOf(model)

  it('has the same members in Zod', () => {
    expect(objects.size).toBeGreaterThan(10)
    for (const [name, type] of objects) {
      const schema = toZod(type)
      expect(schema, name).toBeInstanceOf(z.ZodObject)
      if (schema instanceof z.ZodObject)
        expect([name, ...Object.keys(schema.shape)]).toEqual([name, ...type.members.keys()])
    }
  })

  it('has the same members in GraphQL, but for objects without any', () => {
    const schema = schemaOf(model)
    const shown = [...objects].filter(([name]) => schema.getType(name) !== undefined)
    expect(shown.length).toBeGreaterThan(10)
    for (const [name, type] of shown) {
      const printed = schema.getType(name)
      const members = [...type.members].filter(([, member]) => !isEmptyObject(member))
      if (!isInputObjectType(printed)) throw new Error(`${name} is no input.`)
      expect([name, ...Object.keys(printed.getFields())]).toEqual([
        name,
        ...members.map(([member]) => member),
      ])
    }
  })

  it('has the same members in JSON Schema', () => {
    const schemas = buildSchemas(model)
    const shown = [...objects].filter(
      ([name]) => schemas[name] !== undefined && name !== 'GeoNearest',
    )
    expect(shown.length).toBeGreaterThan(5)
    for (const [name, type] of shown) {
      const { properties } = schemas[name] as { readonly properties: object }
      expect([name, ...Object.keys(properties)]).toEqual([name, ...type.members.keys()])
    }
  })
})

it('counts the members of a distance beside the faults of their values', () => {
  const model = buildModel(atlas)
  const [resource] = model.resources.values()
  const field = [...(resource?.fields.values() ?? [])].find(({ kind }) => kind.name === 'geometry')
  if (field === undefined) throw new Error('The atlas has no geometry.')
  const judge = (distance: object) =>
    parseInput(toZod(describeInputs(model).comparison(field)), { distance }, 'where')
  const to = { type: 'Point', coordinates: [13.4, 52.5] }
  expect(judge({ to, lt: 5 })).toMatchObject({ ok: true })
  const either = { path: ['distance'], code: 'wrong_type', message: 'Give either lt or lte.' }
  for (const distance of [{ to }, { to, lt: 5, lte: 5 }, { to, lt: -1, lte: 5 }])
    expect(judge(distance)).toMatchObject({ ok: false, stage: 'shape', issues: [either] })
})
