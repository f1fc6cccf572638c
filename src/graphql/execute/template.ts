// Templates of a document: what stands under its fields, as the parts that the engine writes.
import { type FieldNode, type GraphQLSchema, isNonNullType, isObjectType } from 'graphql'
import { encodeCursor } from '../../engine/cursor.ts'
import { readCell } from '../../engine/value-codec.ts'
import type { Layout } from '../../engine/result.ts'
import {
  MissingValue,
  type PageFacts,
  type PageView,
  type Part,
} from '../../engine/render/template.ts'
import {
  type Field,
  type Model,
  type Relation,
  type Resource,
  targetOf,
} from '../../schema/model/model.ts'
import {
  isConnectionMember,
  isPageInfoMember,
  pageInfoMembers,
} from '../request/connection-members.ts'
import { encodeNodeId } from '../request/node-id.ts'
import { fieldsUnder, type Reading, relationId } from '../request/selection.ts'

export interface Templating {
  readonly reading: Reading
  readonly schema: GraphQLSchema
  readonly model: Model
}

const responseKeyOf = (node: FieldNode): string => (node.alias ?? node.name).value

/** The fields that stand under nodes, by the key that each has in the response. */
export function grouped(
  reading: Reading,
  type: string,
  nodes: readonly FieldNode[],
): ReadonlyMap<string, readonly [FieldNode, ...FieldNode[]]> {
  const groups = new Map<string, [FieldNode, ...FieldNode[]]>()
  for (const node of fieldsUnder(reading, type, nodes)) {
    const key = responseKeyOf(node)
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [node])
    else known.push(node)
  }
  return groups
}

const text = (written: string): Part => ({ type: 'text', text: written })

/** An object whose members a function gives by the name of their field. */
function objectParts(
  templating: Templating,
  type: string,
  nodes: readonly FieldNode[],
  member: (name: string, nodes: readonly FieldNode[]) => readonly Part[],
): readonly Part[] {
  const parts: Part[] = []
  for (const [key, group] of grouped(templating.reading, type, nodes)) {
    const name = group[0].name.value
    parts.push(text(`${parts.length === 0 ? '{' : ','}${JSON.stringify(key)}:`))
    for (const part of name === '__typename' ? [text(JSON.stringify(type))] : member(name, group))
      parts.push(part)
  }
  return parts.length === 0 ? [text('{}')] : [...parts, text('}')]
}

/** A row of a resource, as these nodes ask for it. */
export function selectedRowParts(
  templating: Templating,
  resource: Resource,
  nodes: readonly FieldNode[],
  layout: Layout,
): readonly Part[] {
  return objectParts(templating, resource.type, nodes, (name, group) => {
    const required = isRequired(templating, resource, name)
    const cell = layout.fields.find(({ field }) => field.name === name)
    if (cell !== undefined)
      return [
        { type: 'cell', field: cell.field, index: cell.index, required, ...labelsOf(cell.field) },
      ]
    const relation = resource.relations.get(name)
    if (relation !== undefined)
      return [relationPart(templating, relation, group, { layout, required })]
    if (name === resource.nodeId) return [nodeIdPart(resource, layout)]
    if (name === resource.version?.name && layout.version !== undefined)
      return [versionPart(layout.version)]
    throw new Error(`${resource.type}.${name} is no field of the model, and was compiled.`)
  })
}

function isRequired({ schema }: Templating, resource: Resource, name: string): boolean {
  const type = schema.getType(resource.type)
  return isObjectType(type) && isNonNullType(type.getFields()[name]?.type)
}

/** Names of an enum's labels, where GraphQL has another name for one of them. */
function labelsOf({ enum: type }: Field): { readonly labels?: ReadonlyMap<string, string> } {
  if (type === null || type.values.every(({ label, graphql }) => label === graphql)) return {}
  return { labels: new Map(type.values.map(({ label, graphql }) => [label, graphql])) }
}

function nodeIdPart(resource: Resource, { key }: Layout): Part {
  const readers = resource.primaryKey.fields.map(readCell)
  return {
    type: 'made',
    indexes: key,
    make: (cells) =>
      JSON.stringify(
        encodeNodeId(
          resource.type,
          cells.map((cell, i) => readers[i]?.(cell)),
        ),
      ),
  }
}

const versionPart = (index: number): Part => ({
  type: 'made',
  indexes: [index],
  make: ([version]) => JSON.stringify(version),
})

interface InRow {
  readonly layout: Layout
  readonly required: boolean
}

function relationPart(
  templating: Templating,
  relation: Relation,
  nodes: readonly FieldNode[],
  { layout, required }: InRow,
): Part {
  const target = targetOf(templating.model, relation)
  const id = relationId(relation, nodes[0])
  if (!relation.many) {
    const one = layout.toOne.find((candidate) => candidate.id === id)
    if (one === undefined) throw new Error(`The plan has no relation ${id}.`)
    return {
      type: 'one',
      present: one.present,
      required,
      of: selectedRowParts(templating, target, nodes, one.layout),
    }
  }
  const many = layout.toMany.find((candidate) => candidate.id === id)
  if (many === undefined) throw new Error(`The plan has no relation ${id}.`)
  return {
    type: 'page',
    many,
    of: connectionParts(templating, target, nodes, { layout: many.layout, facts: many.page }),
  }
}

export interface Paging {
  readonly layout: Layout
  readonly facts: PageFacts
}

/** A connection: a page of rows with what Relay says of it. */
export function connectionParts(
  templating: Templating,
  resource: Resource,
  nodes: readonly FieldNode[],
  { layout, facts }: Paging,
): readonly Part[] {
  const cursor: Part = {
    type: 'made',
    indexes: layout.cursor,
    make: (cells) => JSON.stringify(encodeCursor(facts.order, cells)),
  }
  return objectParts(templating, `${resource.type}Connection`, nodes, (name, group) => {
    if (!isConnectionMember(name)) throw new Error('A compiled connection has no other member.')
    switch (name) {
      case 'nodes':
        return [
          text('['),
          { type: 'rows', of: selectedRowParts(templating, resource, group, layout) },
          text(']'),
        ]
      case 'edges':
        return [
          text('['),
          {
            type: 'rows',
            of: objectParts(templating, `${resource.type}Edge`, group, (member, below) =>
              member === 'cursor'
                ? [cursor]
                : selectedRowParts(templating, resource, below, layout),
            ),
          },
          text(']'),
        ]
      case 'pageInfo':
        return objectParts(templating, 'PageInfo', group, pageInfoParts)
      case 'totalCount':
        return [{ type: 'fact', make: totalCount }]
    }
  })
}

function pageInfoParts(member: string): readonly Part[] {
  if (!isPageInfoMember(member)) throw new Error('A compiled PageInfo has no other member.')
  const valueOf = pageInfoMembers[member]
  return [{ type: 'fact', make: (page) => JSON.stringify(valueOf(page)) }]
}

/** What no Int holds is graphql-js's to refuse. */
const totalCount = ({ total }: PageView): string => {
  if ((total ?? 0) >= 2 ** 31) throw new MissingValue()
  return String(total ?? 0)
}
