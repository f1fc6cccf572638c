// Bodies of one size that were expensive to refuse, one for each form of JSON.

/** The size of a body: the limit of bodies, less the request line of a proxy. */
export const BODY_BYTES = 1_040_000

const times = (part: string, bytes: number): string =>
  Array(Math.max(1, Math.floor(bytes / (part.length + 1))))
    .fill(part)
    .join(',')

const members = (value: string, bytes: number): string => {
  const parts: string[] = []
  for (let size = 0, i = 0; size < bytes; i += 1) {
    const part = `"m${i}":${value}`
    parts.push(part)
    size += part.length + 1
  }
  return parts.join(',')
}

const nested = (open: string, close: string, depth: number, inner: string): string =>
  `${open.repeat(depth)}${inner}${close.repeat(depth)}`

/** Values of one member, each of about `bytes` bytes. */
export const hostileValues: Readonly<Record<string, (bytes: number) => string>> = {
  numbers: (bytes) => `[${times('5', bytes)}]`,
  nulls: (bytes) => `[${times('null', bytes)}]`,
  'short texts': (bytes) => `[${times('""', bytes)}]`,
  'empty objects': (bytes) => `[${times('{}', bytes)}]`,
  'empty lists': (bytes) => `[${times('[]', bytes)}]`,
  'lists of lists of numbers': (bytes) => `[${times(`[${times('5', 10_000)}]`, bytes)}]`,
  'objects of one member': (bytes) => `[${times('{"a":1}', bytes)}]`,
  'as many values as are read': (bytes) =>
    `[${times(`"${'y'.repeat(Math.max(1, Math.floor(bytes / 99_000) - 3))}"`, bytes)}]`,
  'as many objects as are read': (bytes) => `[${times('{}', Math.min(bytes, 145_000))}]`,
  'as many numbers as are read': (bytes) => `[${times('5', Math.min(bytes, 195_000))}]`,
  'many members': (bytes) => `{${members('1', bytes)}}`,
  'as many members as are read': (bytes) => `{${members('1', Math.min(bytes, 100_000))}}`,
  'objects of many members': (bytes) => `[${times(`{${members('1', 115_000)}}`, bytes)}]`,
  'members that are objects': (bytes) => `{${members('{}', Math.min(bytes, 100_000))}}`,
  'a long text': (bytes) => `"${'y'.repeat(bytes)}"`,
  'a long text of words': (bytes) => `"${'y '.repeat(bytes / 2)}"`,
  'a text of escapes': (bytes) => `"${String.raw`\u0000`.repeat(bytes / 6)}"`,
  'a text of backslashes': (bytes) => `"${'\\\\'.repeat(bytes / 2)}"`,
  'a text of lone surrogates': (bytes) => `"${String.raw`\ud800`.repeat(bytes / 6)}"`,
  'a long name': (bytes) => `{"${'y'.repeat(bytes)}":1}`,
  'a long name of words': (bytes) => `{"${'y '.repeat(bytes / 2)}":1}`,
  'long names': (bytes) =>
    `{${Array.from({ length: 30 }, (_, i) => `"${'y'.repeat(bytes / 31)}${i}":1`).join(',')}}`,
  'names by comma': (bytes) => `"${times('y', bytes)}"`,
  'names by dot': (bytes) => `"${'y.'.repeat(bytes / 2)}y"`,
  'a list of names': (bytes) => `[${times('"y"', Math.min(bytes, 390_000))}]`,
  'deep lists': (bytes) => nested('[', ']', bytes / 2, ''),
  'deep objects': (bytes) => nested('{"a":', '}', bytes / 6, '1'),
  'as deep as is read, and wide': (bytes) =>
    nested('{"NOT":', '}', 50, `{"AND":[${times('{}', Math.min(bytes, 140_000))}]}`),
  'unclosed lists': (bytes) => '['.repeat(bytes),
  'unclosed names': (bytes) => '{"'.repeat(bytes / 2),
  quotes: (bytes) => '"'.repeat(bytes),
  'a long number': (bytes) => '9'.repeat(bytes),
  'a long list of names that repeat': (bytes) => `{${times('"a":1', bytes)}}`,
}

export const shapes: readonly string[] = Object.keys(hostileValues)
