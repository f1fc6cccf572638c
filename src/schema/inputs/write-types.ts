// What writes take, described: a new row with what is written along its relations, the changes of a row, keys.
import { comparedType, neverNullType, writtenType } from '../model/field-types.ts'
import type { Field, Resource, UniqueKey } from '../model/model.ts'
import { type Nested, nestedName, nestedOf } from '../model/nested.ts'
import {
  type About,
  type Either,
  lazyObject,
  type Member,
  type Members,
  type NamedType,
  type ObjectType,
  optional,
  required,
  type CountRule,
} from '../values/value-types.ts'
import type { Describing } from './describing.ts'
import { writable } from './standard-inputs.ts'

type Verb = 'create' | 'update'

export const createType = (describing: Describing, resource: Resource): NamedType =>
  describing.once(`${resource.type}Create`, (name) =>
    newRow(describing, resource, { name, description: `A new ${resource.type}.`, set: [] }),
  )

export const updateType = ({ once }: Describing, resource: Resource): NamedType =>
  once(`${resource.type}Update`, (name) =>
    lazyObject(
      {
        name,
        description: `The fields of a ${resource.type} to change: null sets null, what is absent stays.`,
        rule: { least: 1, message: 'Name at least one field to change.' },
      },
      () => writable(resource, 'update').map((field) => [field.name, fieldMember(field, 'update')]),
    ),
  )

/** A create of own fields alone, whose key is given: it names the row. */
export const upsertType = (resource: Resource, by: UniqueKey): ObjectType => ({
  type: 'object',
  members: new Map([
    ...writable(resource, 'create').map(
      (field) => [field.name, fieldMember(field, 'create')] as const,
    ),
    ...by.fields.map((field) => [field.name, required(neverNullType(field))] as const),
  ]),
})

export const keyMembers = (fields: readonly Field[]): Members =>
  new Map(fields.map((field) => [field.name, required(comparedType(field))]))

interface NewRow {
  readonly name: string
  readonly description: string
  /** Fields that a row around it sets. */
  readonly set: readonly Field[]
}

/** What a new row takes: its own fields, but for those that a row around it sets, and what is written along relations. */
function newRow(
  describing: Describing,
  resource: Resource,
  { name, description, set }: NewRow,
): NamedType {
  const nested = nestedOf(describing.model, resource).filter(
    ({ relation, links }) => relation.many || !links.some((field) => set.includes(field)),
  )
  const linked = new Set(nested.flatMap(({ relation, links }) => (relation.many ? [] : links)))
  const either = nested.flatMap(toEither)
  return lazyObject({ name, description, ...(either.length === 0 ? {} : { either }) }, () => [
    ...writable(resource, 'create')
      .filter((field) => !set.includes(field))
      .map((field) => [field.name, fieldMember(field, 'create', linked.has(field))] as const),
    ...nested.map(
      (one) =>
        [one.relation.name, optional(nestedType(describing, resource, one), one.relation)] as const,
    ),
  ])
}

/** A required reference is given as a row or as its key: see parse-nested-input.ts. */
function toEither({ relation, links }: Nested): readonly Either[] {
  const others = links.filter((field) => field.create === 'required').map(({ name }) => name)
  return relation.many || others.length === 0 ? [] : [{ member: relation.name, others }]
}

/** `{ create, connect }`: of a to-one relation one of them, of a to-many one lists. */
function nestedType(describing: Describing, resource: Resource, nested: Nested): NamedType {
  const { relation, target } = nested
  const words = relation.many ? toManyWords : toOneWords
  return describing.once(`${nestedName(resource, nested)}Nested`, (name) =>
    lazyObject(
      { name, description: words.description(target), rule: nestedRule(nested, words) },
      () => {
        const members = new Map<string, Member>()
        const add = (way: string, type: NamedType) =>
          members.set(way, optional(relation.many ? { type: 'list', of: required(type) } : type))
        if (nested.create) add('create', nestedCreate(describing, resource, nested))
        if (nested.connect) add('connect', connectType(describing, resource, nested))
        return members
      },
    ),
  )
}

interface NestedWords {
  description(target: Resource): string
  readonly ways: string
}

const toManyWords: NestedWords = {
  description: ({ plural }) => `Which ${plural} belong to it: new ones, and such that are there.`,
  ways: 'create, connect or both',
}

const toOneWords: NestedWords = {
  description: ({ type }) => `The ${type} that it refers to: a new one, or one that is there.`,
  ways: 'either create or connect',
}

function nestedRule({ relation, create, connect }: Nested, words: NestedWords): CountRule {
  const only = create ? 'create' : 'connect'
  const message = `Give ${create === connect ? words.ways : only}.`
  return relation.many ? { least: 1, message } : { least: 1, most: 1, message }
}

function nestedCreate(describing: Describing, resource: Resource, nested: Nested): NamedType {
  const { relation, target, links } = nested
  if (!relation.many) return createType(describing, target)
  return describing.once(`${nestedName(resource, nested)}Create`, (name) =>
    newRow(describing, target, {
      name,
      description: `A new ${target.type}; the ${resource.type} that it belongs to is the one around it.`,
      set: links,
    }),
  )
}

function connectType({ once }: Describing, resource: Resource, nested: Nested): NamedType {
  const { relation, target, keys } = nested
  return once(`${nestedName(resource, nested)}Connect`, (name) => ({
    type: 'object',
    name,
    description: `The key of a ${target.type} that is there.`,
    members: keyMembers(relation.many ? target.primaryKey.fields : keys),
  }))
}

/** A required field may be left out where a row along the relation of its reference stands for it. */
function fieldMember(field: Field, verb: Verb, isLinked = false): Member {
  const isOptional = !isRequired(field, verb) || isLinked
  const member = (isOptional ? optional : required)(writtenType(field), aboutInput(field, verb))
  return field.nullable ? { ...member, nullable: true } : member
}

const isRequired = (field: Field, verb: Verb): boolean =>
  verb === 'create' && field.create === 'required'

/** What both documents say of a field in an input; no required member is deprecated, as GraphQL has it. */
function aboutInput(field: Field, verb: Verb): About {
  const sentences = field.description === undefined ? [] : [field.description]
  if (verb === 'create' && field.own)
    sentences.push('Absent: filled in with your own, where you may create no other.')
  const mustBeGiven = isRequired(field, verb) && !field.nullable
  return {
    description: sentences.length === 0 ? undefined : sentences.join(' '),
    deprecated: mustBeGiven ? undefined : field.deprecated,
  }
}
