// Compares answers with those in the documentation: `…` in a string stands for any text, such as ids, cursors and times.

/** Where an answer differs from the one shown, or null. */
export function difference(shown: unknown, answer: unknown, path = '$'): string | null {
  if (isTree(shown) && isTree(answer) && Array.isArray(shown) === Array.isArray(answer))
    return differenceOfMembers(shown, answer, path)
  const isSame =
    typeof shown === 'string' && typeof answer === 'string'
      ? matches(shown, answer)
      : Object.is(shown, answer)
  return isSame
    ? null
    : `${path} is ${JSON.stringify(answer)}; the page shows ${JSON.stringify(shown)}.`
}

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

function differenceOfMembers(
  shown: Readonly<Record<string, unknown>>,
  answer: Readonly<Record<string, unknown>>,
  path: string,
): string | null {
  const [there, here] = [Object.keys(answer), Object.keys(shown)]
  if (there.join(' ') !== here.join(' '))
    return `${path} has the members ${there.join(', ')}; the page shows ${here.join(', ')}.`
  return (
    here
      .map((key) => difference(shown[key], answer[key], `${path}.${key}`))
      .find((found) => found !== null) ?? null
  )
}

export const matches = (shown: string, answer: string): boolean =>
  new RegExp(
    `^${shown
      .split('…')
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`))
      .join('[\\s\\S]*')}$`,
  ).test(answer)

export interface ShownAnswer {
  readonly status: number | null
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** The text of the body, or null. */
  readonly body: string | null
}

/** A block with an answer: JSON alone, or ```` ```http ```` with the status, the headers that matter, and the body. */
export function toShownAnswer(language: string, text: string): ShownAnswer {
  if (language === 'json') return { status: null, headers: [], body: text }
  const [head = '', ...body] = text.split('\n\n')
  const [line = '', ...headers] = head.trimEnd().split('\n')
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(line)?.[1])
  return {
    status,
    headers: headers.map((header) => [
      header.slice(0, header.indexOf(':')).toLowerCase(),
      header.slice(header.indexOf(':') + 1).trim(),
    ]),
    body: body.length === 0 ? null : body.join('\n\n'),
  }
}
