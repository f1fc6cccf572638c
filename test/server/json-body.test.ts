// JSON bodies that JSON.parse accepts and we refuse.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Problem } from '../../src/errors.ts'
import { parseJsonBody } from '../../src/server/http/body.ts'

const parse = (text: string): unknown => parseJsonBody(Buffer.from(text))

function refusal(body: string | Uint8Array): Problem {
  try {
    parseJsonBody(typeof body === 'string' ? Buffer.from(body) : body)
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('The body was read.')
}

test('any JSON value without repeated keys is parsed as by JSON.parse', () => {
  fc.assert(
    fc.property(fc.json({ depthSize: 'medium' }), (text) => {
      fc.pre(!/"(__proto__|prototype)"/.test(text)) // as a text `fc.json` has no repeated key
      expect(parse(text)).toEqual(JSON.parse(text))
    }),
  )
})

test('a repeated key is found at any depth, with its path', () => {
  const keys = fc.string().filter((key) => !['__proto__', 'prototype'].includes(key))
  fc.assert(
    fc.property(
      keys,
      fc.jsonValue({ maxDepth: 2 }),
      fc.jsonValue({ maxDepth: 2 }),
      (key, first, second) => {
        const text = `{"list": [1, {"a": ${JSON.stringify(first)}, ${JSON.stringify(key)}: 1, ${JSON.stringify(key)}: ${JSON.stringify(second)}}]}`
        fc.pre(!/__proto__|prototype/.test(text) && key !== 'a')
        expect(refusal(text).issues).toEqual([
          expect.objectContaining({
            in: 'document',
            code: 'duplicate_key',
            path: ['list', 1, key],
          }),
        ])
      },
    ),
  )
})

describe('refused', () => {
  test.each([
    ['{"a": 1, "\\u0061": 2}', 'duplicate_key'],
    ['[{"a\\"": 1, "a\\"": 2}]', 'duplicate_key'],
    ['{"__proto__": {}}', 'forbidden_key'],
    ['{"a": {"\\u005f_proto__": 1}}', 'forbidden_key'],
    ['{"constructor": {"prototype": {}}}', 'forbidden_key'],
    ['', 'empty_body'],
    ['{"a": 1', 'malformed_json'],
    ['{a: 1}', 'malformed_json'],
    ['NaN', 'malformed_json'],
    ['{} {}', 'malformed_json'],
  ])('%s', (text, code) => {
    const problem = refusal(text)
    expect(problem.code).toBe('BAD_REQUEST')
    expect(problem.issues.map((issue) => issue.code)).toEqual([code])
  })

  test('bytes that are not UTF-8', () => {
    expect(refusal(Buffer.from([0x22, 0xff, 0x22])).issues[0]?.code).toBe('invalid_utf8')
    expect(refusal(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])).issues[0]?.code).toBe(
      'invalid_utf8',
    ) // a surrogate
  })

  test('nesting that would exhaust a recursive reader', () => {
    expect(refusal(`${'['.repeat(100_000)}${']'.repeat(100_000)}`).code).toBe('TOO_COMPLEX')
    expect(parse(`${'['.repeat(64)}${']'.repeat(64)}`)).toBeInstanceOf(Array)
  })
})

test('the same key in different objects, and as a value, is accepted', () => {
  expect(parse('{"a": {"a": "a"}, "b": [{"a": 1}, {"a": 2}], "c": "a"}')).toEqual({
    a: { a: 'a' },
    b: [{ a: 1 }, { a: 2 }],
    c: 'a',
  })
  expect(parse('{"constructor": "Lego", "prototype": 1}')).toEqual({
    constructor: 'Lego',
    prototype: 1,
  })
})

test('a large body of backslashes and quotes is read in time', () => {
  const text = JSON.stringify({ a: '\\"'.repeat(250_000) })
  const start = performance.now()
  parse(text)
  expect(performance.now() - start).toBeLessThan(1000)
})
