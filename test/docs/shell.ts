// Shell blocks of the documentation as commands, and curl's as the requests that it would send.

/** One command: the words of it, quotes and variables done with. */
export type Command = readonly string[]

export type Variables = Readonly<Record<string, string>>

/** A word with its quoted parts; or a separator of commands: a new line, `&&`, `;`, a comment. */
const token =
  /(?<space>[ \t]+)|(?<end>\n|&&|;|#[^\n]*)|(?<word>(?:'[^']*'|"(?:\\.|[^"\\])*"|\$\([^)]*\)|\\.|[^\s'"\\;])+)/gsy

/** The commands of a block. `$NAME` is taken from `variables`, `$(…)` stays as it is written. */
export function toCommands(block: string, variables: Variables = {}): readonly Command[] {
  const text = block.replaceAll(/\\\n\s*/g, ' ')
  const commands: string[][] = [[]]
  let read = 0
  for (const {
    0: { length },
    groups = {},
  } of text.matchAll(token)) {
    read += length
    if (groups['end'] !== undefined) commands.push([])
    if (groups['word'] !== undefined) commands.at(-1)?.push(toWord(groups['word'], variables))
  }
  if (read < text.length)
    throw new Error(`This cannot be read as shell: ${text.slice(read, read + 40)}`)
  return commands.filter((words) => words.length > 0)
}

const piece =
  /'(?<single>[^']*)'|"(?<double>(?:\\.|[^"\\])*)"|(?<command>\$\([^)]*\))|\\(?<escaped>.)|(?<plain>[^'"\\$]+|\$\{?\w+\}?|\$)/gs

function toWord(source: string, variables: Variables): string {
  return [...source.matchAll(piece)]
    .map(({ groups }) => {
      const {
        single,
        double,
        command,
        escaped,
        plain = '',
      }: Readonly<Record<string, string | undefined>> = groups ?? {}
      if (double !== undefined) return expand(double, variables).replaceAll(/\\(["\\$`])/g, '$1')
      return single ?? command ?? escaped ?? expand(plain, variables)
    })
    .join('')
}

const expand = (text: string, variables: Variables): string =>
  text.replaceAll(/\$\{?([A-Z_]+)\}?/g, (_, name: string) => {
    const value = variables[name]
    if (value === undefined) throw new Error(`The variable ${name} has no value in the tests.`)
    return value
  })

export interface Request {
  readonly method: 'GET' | 'HEAD' | 'OPTIONS' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** Options of curl that the documentation may use, by their long names. */
const optionNames: Readonly<Record<string, string>> = {
  '-X': 'request',
  '-H': 'header',
  '-d': 'data',
  '--data-urlencode': 'data-urlencode',
  '-G': 'get',
  '-I': 'head',
  '-i': 'include',
  '-s': 'silent',
}
const withoutValue = new Set(['get', 'head', 'include', 'silent'])

/** The request that curl would send. Options other than those above are refused, so that none is ignored. */
export function toRequest([, ...words]: Command): Request {
  const { url, options } = readOptions(words)
  const data = [
    ...(options.get('data') ?? []),
    ...(options.get('data-urlencode') ?? []).map(urlEncoded),
  ].join('&')
  const { pathname, search } = new URL(/^https?:/.test(url) ? url : `http://${url}`)
  const headers = Object.fromEntries(
    (options.get('header') ?? []).map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  const [given] = options.get('request') ?? []
  const method = (usual: Request['method']) =>
    (given ?? (options.has('head') ? 'HEAD' : usual)) as Request['method'] // the server refuses others
  if (data === '') return { method: method('GET'), path: pathname + search, headers }
  if (options.has('get'))
    return {
      method: method('GET'),
      path: `${pathname}${search === '' ? '?' : `${search}&`}${data}`,
      headers,
    }
  const body = { 'content-type': 'application/x-www-form-urlencoded', ...headers } // as curl does
  return { method: method('POST'), path: pathname + search, headers: body, body: data }
}

function readOptions(words: readonly string[]): {
  readonly url: string
  readonly options: ReadonlyMap<string, readonly string[]>
} {
  const options = new Map<string, string[]>()
  const urls: string[] = []
  const rest = words.values()
  for (const word of rest) {
    if (!word.startsWith('-')) {
      urls.push(word)
      continue
    }
    const name = optionNames[word]
    if (name === undefined) throw new Error(`curl ${word} is not known to the tests.`)
    const value = withoutValue.has(name) ? '' : (rest.next().value ?? '')
    options.set(name, [...(options.get(name) ?? []), value])
  }
  const [url] = urls
  if (url === undefined || urls.length > 1) throw new Error(`This curl has ${urls.length} URLs.`)
  return { url, options }
}

const urlEncoded = (text: string): string =>
  `${text.slice(0, text.indexOf('=') + 1)}${encodeURIComponent(text.slice(text.indexOf('=') + 1))}`
