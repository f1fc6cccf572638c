// `npm run figures`: how long and how dense src/ is. These are figures to look at; `npm run check` holds the limits.
import { globSync, readFileSync } from 'node:fs'
import { parseSync } from '@swc/core'

interface Node {
  readonly type: string
  readonly [member: string]: unknown
}

interface Figures {
  readonly lines: number
  readonly ternaries: number
  readonly casts: number
  /** Names of functions, types and constants that the file exports. */
  readonly exported: readonly string[]
}

/** Lines over which a file is worth a look. */
const MAX_FILE_LINES = 250

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, 'type') === 'string'

function* descendants(node: Node): Generator<Node> {
  yield node
  for (const member of Object.values(node)) {
    const values: readonly unknown[] = Array.isArray(member) ? member : [member]
    for (const value of values) {
      if (isNode(value)) yield* descendants(value)
      else if (typeof value === 'object' && value !== null) yield* holders(value)
    }
  }
}

/** What swc puts between nodes, such as the wrapper of an argument. */
function* holders(value: object): Generator<Node> {
  for (const member of Object.values(value)) if (isNode(member)) yield* descendants(member)
}

const nameOf = (value: unknown): string[] => {
  const name: unknown = isNode(value) ? value['value'] : undefined
  return typeof name === 'string' ? [name] : []
}

function exportedNames(node: Node): string[] {
  const { declaration } = node
  if (node.type !== 'ExportDeclaration' || !isNode(declaration)) return []
  const { declarations } = declaration
  if (Array.isArray(declarations)) return declarations.flatMap((each: Node) => nameOf(each['id']))
  return nameOf(declaration['identifier'] ?? declaration['id'])
}

const isCode = (line: string): boolean => !/^\s*(?:$|\/\/|\/?\*)/.test(line)

function measure(file: string): Figures {
  const text = readFileSync(file, 'utf8')
  const nodes = [...holders({ module: parseSync(text, { syntax: 'typescript' }) })]
  const count = (type: string): number => nodes.filter((node) => node.type === type).length
  return {
    lines: text.split('\n').filter(isCode).length,
    ternaries: count('ConditionalExpression'),
    casts: count('TsAsExpression'),
    exported: nodes.flatMap(exportedNames),
  }
}

const measured = globSync('src/**/*.ts').map((file) => ({ file, ...measure(file) }))
const sum = (figure: (of: Figures) => number): number =>
  measured.reduce((total, each) => total + figure(each), 0)
const lines = sum((each) => each.lines)
const perThousand = (amount: number): string => ((1000 * amount) / lines).toFixed(1)
const long = measured.filter((each) => each.lines > MAX_FILE_LINES)
const holdersOf = Map.groupBy(
  measured.flatMap(({ file, exported }) => exported.map((name) => ({ file, name }))),
  ({ name }) => name,
)
const repeated = [...holdersOf].filter(([, places]) => places.length > 1)

console.log(`${measured.length} files, ${lines} lines of code`)
console.log(`files over ${MAX_FILE_LINES} lines: ${long.length}`)
for (const { file, lines: own } of long) console.log(`  ${file} ${own}`)
console.log(`ternaries per 1,000 lines: ${perThousand(sum((each) => each.ternaries))}`)
console.log(`casts per 1,000 lines: ${perThousand(sum((each) => each.casts))} (without as const)`)
console.log(`names exported by more than one file: ${repeated.length}`)
for (const [name, places] of repeated)
  console.log(`  ${name}: ${places.map(({ file }) => file).join(', ')}`)
