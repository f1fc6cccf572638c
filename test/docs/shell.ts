// Shell blocks of the documentation as commands, and curl's as the requests that it would send.

/** One command: the words of it, quotes and variables done with. */
export type Command = readonly string[]

/**
 * The commands of a block. What is taken: words, quotes, `$NAME`, a backslash at the end of a line, `#` comments, `&&`,
 * `NAME=value` before a command, `$(…)` as the text that it is.
 */
export function toCommands(block: string, variables: Readonly<Record<string, string>> = {}): readonly Command[] {
  const commands: Command[] = []
  let words: string[] = []
  let rest = block.replaceAll(/\\\n\s*/g, ' ')
  const end = (): void => {
    if (words.length > 0) commands.push(words)
    words = []
  }
  while (rest !== '') {
    const [separator = ''] = /^(?:\n|&&|;|#[^\n]*|\|[^\n]*)/.exec(rest) ?? []
    const [space = ''] = /^ +/.exec(rest) ?? []
    if (separator !== '') end()
    if (separator === '' && space === '') {
      const [source = ''] = /^(?:'[^']*'|"(?:\\.|[^"\\])*"|\$\([^)]*\)|\\.|[^\s'"\\])+/.exec(rest) ?? []
      if (source === '') throw new Error(`This cannot be read as shell: ${rest.slice(0, 40)}`)
      words.push(toWord(source, variables))
      rest = rest.slice(source.length)
    }
    rest = rest.slice(separator.length + space.length)
  }
  end()
  return commands
}

const piece = /'([^']*)'|"((?:\\.|[^"\\])*)"|(\$\([^)]*\))|\\(.)|([^'"\\$]+|\$\{?\w+\}?|\$)/gs

function toWord(source: string, variables: Readonly<Record<string, string>>): string {
  return source.replaceAll(piece, (_, single?: string, double?: string, command?: string, escaped?: string, plainText = '') =>
    single ?? command ?? escaped ?? (double === undefined ? expand(plainText, variables) : expand(double, variables).replaceAll(/\\(["\\$`])/g, '$1')))
}

const expand = (text: string, variables: Readonly<Record<string, string>>): string => text.replaceAll(/\$\{?([A-Z_]+)\}?/g, (_, name: string) => {
  const value = variables[name]
  if (value === undefined) throw new Error(`The variable ${name} has no value in the tests.`)
  return value
})

export interface Request {
  readonly method: 'GET' | 'HEAD' | 'OPTIONS' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly headers: Record<string, string>
  readonly body?: string
}

/** Options of curl that the documentation may use. */
const withValue = new Set(['-X', '--request', '-H', '--header', '-d', '--data', '--data-urlencode'])
const plain = new Set(['-i', '-s', '-G', '-I', '-si'])

/** What curl would send; other options than those above are refused, so that nothing is left out in silence. */
export function toRequest([, ...words]: Command): Request {
  const headers: Record<string, string> = {}
  const data: string[] = []
  let [method, url, isQuery]: [string | null, string | null, boolean] = [null, null, false]
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? ''
    if (!word.startsWith('-')) url = word
    else if (plain.has(word)) {
      if (word === '-G') isQuery = true
      if (word === '-I') method = 'HEAD'
    } else if (withValue.has(word)) {
      i += 1
      const value = words[i] ?? ''
      if (word === '-X' || word === '--request') method = value
      else if (word === '-H' || word === '--header') headers[value.slice(0, value.indexOf(':')).toLowerCase()] = value.slice(value.indexOf(':') + 1).trim()
      else data.push(word === '--data-urlencode' ? urlEncoded(value) : value)
    } else throw new Error(`curl ${word} is not known to the tests.`)
  }
  if (url === null) throw new Error('This curl has no URL.')
  const { pathname, search } = new URL(/^https?:/.test(url) ? url : `http://${url}`)
  const query = isQuery && data.length > 0 ? `${search === '' ? '?' : `${search}&`}${data.join('&')}` : search
  const body = isQuery || data.length === 0 ? null : data.join('&')
  if (body !== null) headers['content-type'] ??= 'application/x-www-form-urlencoded' // as curl does
  return { method: (method ?? (body === null ? 'GET' : 'POST')) as Request['method'], path: pathname + query, headers, ...body === null ? {} : { body } } // the server refuses others
}

const urlEncoded = (text: string): string => `${text.slice(0, text.indexOf('=') + 1)}${encodeURIComponent(text.slice(text.indexOf('=') + 1))}`
