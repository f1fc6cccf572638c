// Issues of wrong input: one for each fault, with its path and the allowed values, faults of shape before those of validators.
import { defineRelations } from 'drizzle-orm'
import {
  type AnyPgColumn,
  boolean,
  integer,
  jsonb,
  numeric,
  pgEnum,
  pgTable,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { buildModel } from '../../src/schema/build/build-model.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { parseInput } from '../../src/schema/inputs/validation-issues.ts'
import type { Resource } from '../../src/schema/model/model.ts'
import { buildInputSchemas } from '../../src/schema/inputs/input-schemas.ts'

const size = pgEnum('size', ['small', 'large'])
const boxes = pgTable('boxes', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  name: text().notNull(),
  size: size(),
  price: numeric().notNull(),
  open: boolean(),
  code: uuid(),
  data: jsonb().notNull(),
  tags: text().array(),
  parentId: integer().references((): AnyPgColumn => boxes.id),
})
const relations = defineRelations({ boxes }, (r) => ({
  boxes: {
    parent: r.one.boxes({ from: r.boxes.parentId, to: r.boxes.id }),
    children: r.many.boxes({ from: r.boxes.id, to: r.boxes.parentId }),
  },
}))
const { resource, access, operation } = declare({ relations })
const everyone = access.everyone
const model = buildModel({
  name: 'Boxes',
  relations,
  resources: {
    box: resource('boxes', {
      access: { read: everyone, create: everyone, update: everyone },
      fields: {
        name: {
          validate: (name) =>
            name
              .min(2)
              .max(5)
              .regex(/^[a-z]+$/, 'A name is of small letters.'),
        },
      },
    }),
  },
  operations: {
    pack: operation({
      kind: 'mutation',
      rest: 'POST /pack',
      access: everyone,
      output: z.object({ ok: z.boolean() }),
      input: z.object({
        lines: z
          .array(z.object({ count: z.int32().min(1), kind: z.enum(['a', 'b']) }))
          .min(1)
          .max(2),
      }),
      handle: async () => ({ ok: true }),
    }),
  },
})
const inputSchemas = buildInputSchemas(model)
const box = model.resources.get('box') as Resource // just declared

const judge = (schema: z.ZodType, value: unknown) => {
  const parsed = parseInput(schema, value, 'input')
  return parsed.ok
    ? 'ok'
    : {
        stage: parsed.stage,
        issues: parsed.issues.map(
          ({ path, code, message }) => `${path.join('.')}: ${code}: ${message}`,
        ),
      }
}
const shapeFault = (...issues: string[]) => ({ stage: 'shape', issues })
const validatorFault = (...issues: string[]) => ({ stage: 'validators', issues })
const right = { name: 'abc', price: '1', data: {} }

describe('a create', () => {
  test.each([
    [right, 'ok'],
    [
      { ...right, parentId: 'x' },
      shapeFault('parentId: wrong_type: Expected a whole number of 32 bits.'),
    ],
    [
      { ...right, parentId: 1.5 },
      shapeFault('parentId: wrong_type: Expected a whole number of 32 bits.'),
    ],
    [
      { ...right, parentId: 2 ** 31 },
      shapeFault('parentId: wrong_type: Expected a whole number of 32 bits.'),
    ],
    [
      { ...right, parentId: -(2 ** 31) - 1 },
      shapeFault('parentId: wrong_type: Expected a whole number of 32 bits.'),
    ],
    [
      { ...right, price: 1 },
      shapeFault('price: wrong_type: Expected a decimal number as a string, such as "12.50".'),
    ],
    [
      { ...right, price: '1e3' },
      shapeFault('price: wrong_type: Expected a decimal number as a string, such as "12.50".'),
    ],
    [{ ...right, size: 'huge' }, shapeFault('size: wrong_type: Expected one of "small", "large".')],
    [{ ...right, open: 'yes' }, shapeFault('open: wrong_type: Expected true or false.')],
    [{ ...right, code: 'x' }, shapeFault('code: wrong_type: Expected a UUID.')],
    [{ ...right, tags: 'x' }, shapeFault('tags: wrong_type: Expected a list.')],
    [{ ...right, tags: ['a', 1] }, shapeFault('tags.1: wrong_type: Expected text.')],
    [{ ...right, data: null }, shapeFault('data: wrong_type: Expected JSON other than null.')],
    [
      { ...right, data: { a: ['\0'] } },
      shapeFault(
        'data: wrong_type: Expected JSON without NUL, lone surrogates and numbers too large for a float.',
      ),
    ],
    [
      { ...right, name: 'a\uD800b' },
      shapeFault('name: wrong_type: Expected text without NUL and lone surrogates.'),
    ],
    [
      {},
      shapeFault(
        'name: required: This is required.',
        'price: required: This is required.',
        'data: required: This is required.',
      ),
    ],
    [
      { ...right, id: 1 },
      shapeFault(
        'id: unknown_member: There is no id here. Allowed are name, size, price, open, code, data, tags, parentId.',
      ),
    ],
    [[], shapeFault(': wrong_type: Expected an object.')],
    [
      { ...right, name: 'A' },
      validatorFault(
        'name: too_small: At least 2 characters.',
        'name: invalid: A name is of small letters.',
      ),
    ],
    [
      { ...right, name: 'A', price: 1 },
      shapeFault('price: wrong_type: Expected a decimal number as a string, such as "12.50".'),
    ],
  ])('of %j: %j', (value, answer) => {
    expect(judge(inputSchemas.create(box), value)).toEqual(answer)
  })
})

test('an update needs a change, and an unknown member is reported alone', () => {
  expect(judge(inputSchemas.update(box), {})).toEqual(
    shapeFault(': wrong_type: Name at least one field to change.'),
  )
  expect(judge(inputSchemas.update(box), { colour: 1 })).toEqual(
    shapeFault(
      'colour: unknown_member: There is no colour here. Allowed are name, size, price, open, code, data, tags, parentId.',
    ),
  )
  expect(judge(inputSchemas.update(box), { size: null })).toBe('ok')
  expect(judge(inputSchemas.update(box), { name: null })).toEqual(
    shapeFault('name: wrong_type: Expected text.'),
  )
})

describe('a filter', () => {
  const empty = 'An empty object would match everything; leave it out, or name what it compares.'
  test.each([
    [{}, 'ok'],
    [{ OR: [] }, 'ok'],
    [{ children: { some: {} } }, 'ok'],
    [{ id: { in: [] } }, 'ok'],
    [{ id: { eq: null } }, shapeFault('id.eq: wrong_type: Expected a whole number of 32 bits.')],
    [{ id: {} }, shapeFault(`id: wrong_type: ${empty}`)],
    [{ id: { eq: undefined } }, shapeFault(`id: wrong_type: ${empty}`)],
    [{ id: null }, shapeFault('id: wrong_type: Expected an object.')],
    [{ id: 1 }, shapeFault('id: wrong_type: Expected an object.')],
    [{ parent: {} }, shapeFault(`parent: wrong_type: ${empty}`)],
    [{ children: {} }, shapeFault(`children: wrong_type: ${empty}`)],
    [
      { children: { any: {} } },
      shapeFault(
        'children.any: unknown_member: There is no any here. Allowed are some, none, every, count.',
      ),
    ],
    [{ AND: { id: { eq: 1 } } }, shapeFault('AND: wrong_type: Expected a list.')],
    [
      { AND: [{ id: { equals: 1 } }] },
      shapeFault(
        'AND.0.id.equals: unknown_member: There is no equals here. Allowed are eq, ne, in, notIn, gt, gte, lt, lte, isNull.',
      ),
    ],
    [
      { open: { gt: true } },
      shapeFault(
        'open.gt: unknown_member: There is no gt here. Allowed are eq, ne, in, notIn, isNull.',
      ),
    ],
    [
      { data: { eq: {} } },
      shapeFault(
        'data.eq: unknown_member: There is no eq here. Allowed are contains, hasKey, path, isNull.',
      ),
    ],
    [{ id: { isNull: null } }, shapeFault('id.isNull: wrong_type: Expected true or false.')],
    [
      { id: { in: [1, null] } },
      shapeFault('id.in.1: wrong_type: Expected a whole number of 32 bits.'),
    ],
    [
      { id: { in: Array.from({ length: 1001 }, () => 1) } },
      shapeFault('id.in: too_big: At most 1000 members.'),
    ],
  ])('%j: %j', (value, answer) => {
    expect(judge(inputSchemas.where(box), value)).toEqual(answer)
  })
})

test.each([
  [[{ name: 'ASC' }, { parent: { parent: { id: 'DESC_NULLS_LAST' } } }], 'ok'],
  [
    [{ colour: 'ASC' }],
    shapeFault(
      '0.colour: unknown_member: There is no colour here. Allowed are id, name, size, price, open, code, parentId, parent, children.',
    ),
  ],
  [[{}], shapeFault('0: wrong_type: Give exactly one key an object.')],
  [[{ name: 'ASC', id: 'ASC' }], shapeFault('0: wrong_type: Give exactly one key an object.')],
  [
    [{ name: 'UP' }],
    shapeFault(
      '0.name: wrong_type: Expected one of "ASC", "DESC", "ASC_NULLS_FIRST", "ASC_NULLS_LAST", "DESC_NULLS_FIRST", "DESC_NULLS_LAST".',
    ),
  ],
  [{ name: 'ASC' }, shapeFault(': wrong_type: Expected a list.')],
  [
    [{ data: 'ASC' }],
    shapeFault(
      '0.data: unknown_member: There is no data here. Allowed are id, name, size, price, open, code, parentId, parent, children.',
    ),
  ],
])('an order %j: %j', (value, answer) => {
  expect(judge(inputSchemas.orderBy(box), value)).toEqual(answer)
})

test("an operation's Zod schema is strict at every depth, with the same issues", () => {
  const pack = model.operations.find((one) => one.name === 'pack')
  const input = pack?.standard === null ? pack.input : null
  if (input === null || input === undefined) throw new Error('pack has an input')
  expect(judge(input, { lines: [{ count: 1, kind: 'a' }] })).toBe('ok')
  expect(judge(input, { lines: [{ count: 'x', kind: 'c', more: 1 }], extra: 1 })).toEqual(
    shapeFault(
      'lines.0.count: wrong_type: Expected a whole number of 32 bits.',
      'lines.0.kind: wrong_type: Expected one of "a", "b".',
      'lines.0.more: unknown_member: There is no more here. Allowed are count, kind.',
      'extra: unknown_member: There is no extra here. Allowed are lines.',
    ),
  )
  expect(judge(input, { lines: [] })).toEqual(
    validatorFault('lines: too_small: At least 1 member.'),
  )
  expect(judge(input, { lines: [{ count: 0, kind: 'a' }] })).toEqual(
    validatorFault('lines.0.count: too_small: At least 1.'),
  )
})
