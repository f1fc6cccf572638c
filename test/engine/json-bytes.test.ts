// Answers as bytes are equal, byte for byte, to those of JSON.stringify and of the writers of cells.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cellWriter } from '../../src/engine/render/cell-json.ts'
import { writeCell } from '../../src/engine/value-codec.ts'
import {
  type JsonBytes,
  type ByteSource,
  textSource,
  toByteSource,
  writeBytes,
  writeRaw,
  writeString,
  writeText,
} from '../../src/engine/render/json-buffer.ts'
import { readExpressionOf, aliasOf } from '../../src/db/plan/expressions.ts'
import { buildModel } from '../../src/schema/build/build-model.ts'
import type { Field } from '../../src/schema/model/model.ts'
import { sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import { eachDatabase } from '../support/databases.ts'
import { fillMuseum, museum, relations } from '../parity/museum.ts'

/** Writes text that stands in the middle of other bytes, as cells do. */
function written(
  write: (out: JsonBytes, from: ByteSource, start: number, end: number) => void,
  text: string,
  before = 'befor"e',
): string {
  const start = Buffer.byteLength(before)
  const from = toByteSource(Buffer.from(`${before}${text}"behind`))
  return writeBytes((out) => write(out, from, start, start + Buffer.byteLength(text))).toString()
}

const controls = fc
  .array(fc.integer({ min: 0, max: 0x9f }))
  .map((codes) => String.fromCharCode(...codes))
const wellFormed = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  controls,
  fc.constantFrom('\u2028', '"', '\\', '\u007f', '\uFFFD', '😀', ''),
)
const long = fc
  .tuple(wellFormed, fc.integer({ min: 1, max: 3000 }), wellFormed)
  .map(([unit, times, end]) => unit.repeat(times) + end)

describe('strings', () => {
  test('any text is written as by JSON.stringify', () => {
    fc.assert(
      fc.property(
        fc.oneof({ weight: 20, arbitrary: wellFormed }, { weight: 1, arbitrary: long }),
        (text) => {
          expect(written(writeString, text)).toBe(JSON.stringify(text))
        },
      ),
      { seed: 2026, numRuns: 3000 },
    )
  })

  test('each character alone is written, planes beyond the first included', () => {
    for (let code = 0; code < 0x11_0000; code += code < 0x3000 ? 1 : 97) {
      if (code >= 0xd800 && code <= 0xdfff) continue
      const text = String.fromCodePoint(code)
      if (written(writeString, text) !== JSON.stringify(text)) expect.fail(`U+${code.toString(16)}`)
    }
  })
})

describe('the buffer', () => {
  test('grows for large values, at any place of an answer', () => {
    const pieces = fc.array(
      fc.record({
        how: fc.constantFrom('raw', 'text', 'string'),
        text: fc.oneof({ weight: 3, arbitrary: wellFormed }, { weight: 2, arbitrary: long }),
      }),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(pieces, (asked) => {
        const answer = writeBytes((out) => {
          for (const { how, text } of asked) {
            const from = textSource(text)
            if (how === 'text') writeText(out, text)
            else if (how === 'raw') writeRaw(out, from, 0, from.bytes.length)
            else writeString(out, from, 0, from.bytes.length)
          }
        })
        expect(answer.toString()).toBe(
          asked.map(({ how, text }) => (how === 'string' ? JSON.stringify(text) : text)).join(''),
        )
      }),
      { seed: 2026, numRuns: 300 },
    )
  })

  test('holds an answer larger than its reserve completely, and the next one too', () => {
    const [large, small] = ['ü"'.repeat(3_000_000), 'small']
    for (const text of [large, small, large])
      expect(written(writeString, text) === JSON.stringify(text)).toBe(true)
  })

  test('keeps an answer inside of another apart, and the next one after a failure', () => {
    const both = writeBytes((out) => {
      writeText(out, 'outer ')
      const inner = writeBytes((within) => writeText(within, 'inner'))
      expect(() =>
        writeBytes((within) => {
          writeText(within, 'lost')
          throw new Error('no answer')
        }),
      ).toThrow('no answer')
      writeText(out, `${inner.toString()} again`)
    })
    expect(both.toString()).toBe('outer inner again')
    expect(writeBytes((out) => writeText(out, 'next')).toString()).toBe('next')
  })

  test('does not change an answer by later ones', () => {
    const first = writeBytes((out) => writeText(out, 'first'))
    for (let i = 0; i < 500; i += 1) writeBytes((out) => writeText(out, 'other'.repeat(i)))
    expect(first.toString()).toBe('first')
  })
})

eachDatabase((_kind, open) => {
  test("every field's cells are written as text and as bytes alike", async () => {
    const database = await open({ relations })
    await fillMuseum(database)
    const dialect = new PgDialect()
    const fields = [...buildModel(museum).resources.values()].flatMap((resource) =>
      [...resource.inner.fields.values()].map((field) => ({ resource, field })),
    )
    for (const { resource, field } of fields) {
      const cell = readExpressionOf(field, aliasOf(resource, 't0'))
      const { sql: text } = dialect.sqlToQuery(
        sql`select ${cell}, (${cell})::text from ${resource.table} as t0`,
      )
      const { rows } = await database.query({ text, values: [] })
      rows.flat().forEach((one) => one === null || expectAlike(field, one))
    }
    const forms = fields.map(({ field: { kind, list } }) => `${kind.form}${list ? ' list' : ''}`)
    expect(forms).toEqual(
      expect.arrayContaining([
        'raw',
        'string',
        'float',
        'boolean',
        'timestamp',
        'timestamptz',
        'string list',
      ]),
    )
    const weight = fields.find(({ field }) => field.name === 'weight')?.field
    if (weight !== undefined) expectAlike({ ...weight, list: true }, '[1e+20, 0.1, null, -0]')
  })
})

eachDatabase((_kind, open) => {
  test("any float is written with JavaScript's digits", async () => {
    const database = await open({ relations })
    const weight = [...buildModel(museum).resources.values()]
      .flatMap(({ inner }) => [...inner.fields.values()])
      .find(({ kind, list }) => kind.form === 'float' && !list)
    if (weight === undefined) throw new Error('The museum has no float.')
    const edges = [
      0,
      -0,
      1e-4,
      9.999e-5,
      1e15,
      999_999_999_999_999,
      1e16,
      1e21,
      -0.1,
      5e-324,
      2 ** 53,
      0.1 + 0.2,
    ]
    const doubles = [
      ...edges,
      ...fc.sample(fc.double(), { seed: 2026, numRuns: 4000 }),
      ...fc.sample(fc.double({ min: -1e16, max: 1e16 }), { seed: 2026, numRuns: 2000 }),
    ]
    const reals = [
      ...edges.map(Math.fround),
      ...fc.sample(fc.float(), { seed: 2026, numRuns: 2000 }),
    ]
    const inOrder = (type: string, numbers: readonly number[]) =>
      database.query({
        text: `select one::text from unnest($1::${type}[]) as one`,
        values: [numbers.map((one) => (Object.is(one, -0) ? '-0' : String(one)))],
      })
    for (const [type, numbers] of [
      ['float8', doubles],
      ['float4', reals],
    ] as const) {
      const { rows } = await inOrder(type, numbers)
      expect(rows).toHaveLength(numbers.length)
      for (const [cell] of rows) if (cell !== null && cell !== undefined) expectAlike(weight, cell)
    }
  })
})

function expectAlike(field: Field, cell: string): void {
  expect(written(cellWriter(field), cell), `${field.name}: ${cell}`).toBe(writeCell(field)(cell))
  if (field.enum === null) return
  const labels = new Map(field.enum.values.map(({ label, graphql }) => [label, graphql]))
  const named = JSON.parse(writeCell(field)(cell), (_key, value: unknown) =>
    typeof value === 'string' ? (labels.get(value) ?? value) : value,
  ) as unknown // labels as text
  expect(written(cellWriter(field, labels), cell), `${field.name}: ${cell}`).toBe(
    JSON.stringify(named),
  )
}
