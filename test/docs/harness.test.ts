// The parts that the tests of the documentation use find faults of a page.
import { describe, expect, test } from 'vitest'
import { difference } from './answers.ts'
import { faultOf } from './conversation.ts'
import type { Fence } from './pages.ts'
import { toCommands, toRequest } from './shell.ts'

const fence = (language: string, text: string): Fence => ({
  page: 'page.md',
  line: 7,
  language,
  attributes: {},
  text,
})
const request = { method: 'GET', path: '/', headers: {} } as const

describe('an answer', () => {
  test.each([
    [{ a: 1 }, { a: 2 }, '$.a is 2; the page shows 1.'],
    [{ a: '1' }, { a: 1 }, '$.a is 1; the page shows "1".'],
    [{ a: 1 }, { a: 1, b: 2 }, '$ has the members a, b; the page shows a.'],
    [[{ a: null }], [{ a: {} }], '$.0.a is {}; the page shows null.'],
    [[], {}, '$ is {}; the page shows [].'],
    ['2026-…', '2027-01-01', '$ is "2027-01-01"; the page shows "2026-…".'],
  ])('%j is not %j', (shown, answer, what) => expect(difference(shown, answer)).toBe(what))

  test('any text stands where the page has an ellipsis', () => {
    expect(
      difference(
        { id: '…', at: '2026-…Z', other: 'a.b' },
        { id: '7', at: '2026-11-23Z', other: 'a.b' },
      ),
    ).toBeNull()
    expect(difference('a.b', 'axb')).not.toBeNull()
  })

  test('with another status, header or body is reported', () => {
    const asked = fence('sh', 'curl localhost/\n')
    const shown = fence('http', 'HTTP/1.1 201 Created\nlocation: /a/1\n\n{ "a": 1 }\n')
    const answer = { status: 201, headers: { location: '/a/1' }, body: '{"a":1}' }
    expect(faultOf({ request, asked, shown }, answer)).toBeNull()
    expect(faultOf({ request, asked, shown }, { ...answer, status: 200 })).toContain(
      'page.md:7: the answer is 200',
    )
    expect(faultOf({ request, asked, shown }, { ...answer, headers: {} })).toContain(
      'location is not there',
    )
    expect(faultOf({ request, asked, shown }, { ...answer, body: '{"a":2}' })).toContain('$.a is 2')
    expect(faultOf({ request, asked, shown: null }, { ...answer, status: 404 })).toContain(
      'is answered 404',
    )
    expect(
      faultOf({ request, asked, shown: fence('json', '{"a":1}') }, { ...answer, status: 500 }),
    ).toContain('the answer is 500')
  })
})

describe('a command', () => {
  test('is parsed as a shell parses it', () => {
    expect(
      toCommands(
        `A=1 npm ci && npm run dev # serves\ncurl -H "b: $B" 'x y' \\\n  -d '{"a": "$B"}'\n`,
        { B: 'bee' },
      ),
    ).toEqual([
      ['A=1', 'npm', 'ci'],
      ['npm', 'run', 'dev'],
      ['curl', '-H', 'b: bee', 'x y', '-d', '{"a": "$B"}'],
    ])
    expect(() => toCommands('echo $C')).toThrow('The variable C has no value')
    expect(() => toCommands(`echo 'open`)).toThrow('cannot be read as shell')
  })

  test('is sent as curl sends it', () => {
    expect(
      toRequest([
        'curl',
        '-G',
        'http://h:3000/a?x=1',
        '-d',
        'b[gte]=2',
        '--data-urlencode',
        'where={"c":1}',
        '-H',
        'Accept: */*',
      ]),
    ).toEqual({
      method: 'GET',
      path: '/a?x=1&b[gte]=2&where=%7B%22c%22%3A1%7D',
      headers: { accept: '*/*' },
    })
    expect(toRequest(['curl', 'h/a', '-d', '{}'])).toMatchObject({
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(() => toRequest(['curl', '--insecure', 'h'])).toThrow('curl --insecure is not known')
  })
})
