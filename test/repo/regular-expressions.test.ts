// Every regular expression of the sources is linear in the text.
import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { parse } from '@swc/core'
import { checkSync } from 'recheck'
import { beforeAll, expect, test } from 'vitest'

/** Why an expression that the checker does not pass may stay: no text of a caller reaches it, or its time was measured. */
const exempt: Readonly<Record<string, string>> = {
  'src/schema/build/check-names.ts /\\{[^}]*\\}/g': 'reads the paths of the declaration, at start',
  'src/schema/values/kinds.ts /\\s*\\([^)]*\\)/': 'reads the type of a column, at start',
  'src/graphql/document/variables.ts /^Variable "\\$(\\w+)"(?: got invalid value [^]*? at "\\w+((?:\\.\\w+|\\[\\d+\\])+)")?/':
    'the checker takes seconds over it, and may give up; each place of ` at "` is tried once and its parts begin differently; timed in hostile-text.test.ts',
  'src/engine/diagnose/constraint-errors.ts /"((?:[^"]|"")+)"|\\b([a-z_][\\w$]*)\\b(?!\\()/g':
    'reads the expression of an index, which the database gives',
  'src/engine/diagnose/cast-errors.ts /^(?:inet|cidr|macaddr8?|(?:int4|int8|num|date|ts|tstz)(?:multi)?range|point|line|lseg|box|path|polygon|circle|bit(?: varying)?|varbit|money|xml|integer|smallint|bigint|text|numeric|real|double precision|boolean)\\b[(),\\d[\\] ]*$/':
    'reads the type of a column',
  'src/db/run/answer-reader.ts /\\d+$/': 'reads the command tag of the server',
  'src/cli/load-gateway.ts /file:\\/\\/([^)\\s]+:\\d+):\\d+/':
    "reads a stack trace of the team's own project",
  'src/cli/project/common-files.ts /^[._-]+|[._-]+$/g': 'reads the name of a folder',
  'src/parity/generate/lists/operands.ts /(?<!\\\\)(\\\\\\\\)*\\\\$/':
    'reads text that the parity command makes itself',
}

interface Found {
  readonly name: string
  readonly pattern: string
  readonly flags: string
}

/** Expressions that are made at run time, whose text no checker sees. */
const dynamic: string[] = []
const found: Found[] = []

beforeAll(async () => {
  for await (const file of glob('src/**/*.ts')) {
    collect(file, await parse(readFileSync(file, 'utf8'), { syntax: 'typescript' }))
  }
})

function collect(file: string, node: unknown): void {
  if (typeof node !== 'object' || node === null) return
  const { type, pattern, flags, callee } = node as {
    readonly type?: string
    readonly pattern?: string
    readonly flags?: string
    readonly callee?: { readonly value?: string }
  } // any node of the tree
  if (type === 'RegExpLiteral' && pattern !== undefined)
    found.push({ name: `${file} /${pattern}/${flags ?? ''}`, pattern, flags: flags ?? '' })
  if ((type === 'NewExpression' || type === 'CallExpression') && callee?.value === 'RegExp')
    dynamic.push(file)
  for (const part of Object.values(node)) collect(file, part)
}

/** Known of the status safe alone; where the checker gives up, it is not. */
const isLinear = ({ pattern, flags }: Pick<Found, 'pattern' | 'flags'>): boolean =>
  checkSync(pattern, flags, { checker: 'automaton', timeout: 30_000 }).status === 'safe'

test('every regular expression is linear, or has a reason here', { timeout: 120_000 }, () => {
  expect(found.length).toBeGreaterThan(100)
  expect(
    found.filter((one) => exempt[one.name] === undefined && !isLinear(one)).map(({ name }) => name),
  ).toEqual([])
})

test('every reason belongs to an existing expression', () => {
  const names = new Set(found.map(({ name }) => name))
  expect(Object.keys(exempt).filter((name) => !names.has(name))).toEqual([])
})

test('no regular expression is built at run time', () => {
  expect(dynamic).toEqual([])
})

test('a planted quadratic expression is found', () => {
  expect(isLinear({ pattern: '0+$', flags: '' })).toBe(false)
  expect(isLinear({ pattern: String.raw`^-?0*([1-9]\d*?)?(0*)(?:\.|$)`, flags: '' })).toBe(false)
})
