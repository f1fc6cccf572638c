// No list of a caller's length is spread into arguments: each takes room on the stack, and some 120,000 are a RangeError.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from '@swc/core'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** Files that see no request: the OpenAPI document, the command line, the parity suite. */
const withoutRequests = ['src/cli/**', 'src/parity/**', 'src/rest/openapi/**']

interface Named {
  readonly type: string
  readonly value?: string
}

interface Node {
  /** In bytes, from 1. */
  readonly span?: { readonly start: number }
  readonly arguments?:
    | readonly ({ readonly spread?: unknown; readonly expression: Named } | null)[]
    | null
  readonly callee?: { readonly type: string; readonly property?: Named }
  /** The parameters of a function or a constructor. */
  readonly params?: readonly {
    readonly type?: string
    readonly pat?: object
    readonly argument?: Named
  }[]
}

/** The name of `...args`: the function's own arguments, which it may pass on. */
const restOf = ({ params }: Node): readonly string[] =>
  !Array.isArray(params)
    ? []
    : (params as NonNullable<Node['params']>).flatMap((param) => {
        const { type, argument } = (param.pat ?? param) as typeof param // a function's parameter holds its pattern
        return type === 'RestElement' && argument?.value !== undefined ? [argument.value] : []
      })

/** The code that spreads a list into arguments, or hands one to `apply`. */
function spreadsIn(source: string): readonly string[] {
  const found: string[] = []
  const bytes = Buffer.from(source)
  const visit = (node: unknown, rest: readonly string[]): void => {
    if (typeof node !== 'object' || node === null) return
    const { arguments: args, callee, span } = node as Node // a node of the syntax tree, or a list of them
    const known = [...rest, ...restOf(node)]
    const spread =
      Array.isArray(args) &&
      (args as NonNullable<Node['arguments']>).some(
        (argument) =>
          (argument?.spread ?? null) !== null && !known.includes(argument?.expression.value ?? ''),
      )
    const applied = callee?.type === 'MemberExpression' && callee.property?.value === 'apply'
    if ((spread || applied) && span !== undefined)
      found.push(
        bytes
          .subarray(span.start - 1)
          .toString()
          .split('\n', 1)[0] ?? '',
      )
    for (const child of Object.values(node)) visit(child, known)
  }
  visit(parseSync(source, { syntax: 'typescript' }).body, [])
  return found
}

test('a planted spread is found, and other uses of three dots are not', () => {
  expect(spreadsIn('const é = [1]\nconst all: number[] = []\nall.push(...é)')).toEqual([
    'all.push(...é)',
  ])
  expect(spreadsIn('export const most = (list: number[]) => Math.max(0, ...list)')).toHaveLength(1)
  expect(
    spreadsIn(
      'const c = new Cell(...list)\nf?.(...list)\nMath.max.apply(null, list)\nReflect.apply(f, null, list)',
    ),
  ).toHaveLength(4)
  expect(
    spreadsIn(
      'const f = (...list: number[]) => [g(...list), ...list, new Set([...list]), { ...list }]',
    ),
  ).toEqual([])
})

test('no file on the path of a request spreads a list into arguments', () => {
  const files = globSync('src/**/*.ts', { cwd: root, exclude: withoutRequests })
  expect(files.length).toBeGreaterThan(200)
  const found = files.flatMap((file) =>
    spreadsIn(readFileSync(join(root, file), 'utf8')).map((code) => `${file}: ${code}`),
  )
  expect(found).toEqual([])
})
