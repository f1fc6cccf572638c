// How many members of a hostile list or record are looked at: no more than it takes to find as many issues as an error tells.
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { MAX_ISSUES } from '../../src/errors.ts'
import { parseInput } from '../../src/schema/inputs/validation-issues.ts'

const MEMBERS = 50_000
const AT_A_TIME = 20

/** A schema of numbers that counts the values it is asked about. */
function counting() {
  let looks = 0
  const number = z.preprocess((value) => {
    looks += 1
    return value
  }, z.number())
  return { number, looks: () => looks }
}

/** As many as make one issue more than an error tells, in whole parts. */
const ENOUGH = Math.ceil((MAX_ISSUES + 1) / AT_A_TIME) * AT_A_TIME

const wrongList = Array<string>(MEMBERS).fill('x')
const toRecord = (list: readonly unknown[]): object =>
  Object.fromEntries(list.map((value, i) => [`m${i}`, value]))

const kinds: readonly (readonly [
  string,
  (number: z.ZodType) => z.ZodType,
  (list: readonly unknown[]) => unknown,
])[] = [
  ['a list', (number) => z.array(number), (list) => list],
  ['a record', (number) => z.record(z.string(), number), toRecord],
  [
    'a list in an object in a list',
    (number) => z.array(z.object({ of: z.array(number) })),
    (list) => [{ of: list }],
  ],
]

describe.each(kinds)('%s', (_, toSchema, toValue) => {
  test('that is wrong all over is left when there are enough issues', () => {
    const { number, looks } = counting()
    const parsed = parseInput(toSchema(number), toValue(wrongList), 'input')
    expect([parsed.ok, looks()]).toEqual([false, ENOUGH])
  })

  test('that is right is looked at once, as a whole', () => {
    const { number, looks } = counting()
    const right = toValue(wrongList.map((_value, i) => i))
    const parsed = parseInput(toSchema(number), right, 'input')
    expect(parsed).toEqual({ ok: true, value: right })
    expect(looks()).toBe(MEMBERS)
  })

  test('that is wrong at its end is looked at to its end', () => {
    const { number, looks } = counting()
    const late = toValue([...wrongList.slice(1).map((_value, i) => i), 'x'])
    expect(parseInput(toSchema(number), late, 'input')).toMatchObject({ ok: false, stage: 'shape' })
    expect(looks()).toBe(MEMBERS)
  })
})
