// What HTTP lets a caller ask for beside the resource: media types, preferences (RFC 9110, RFC 7240).
import { Problem } from '../errors.ts'
import { remembered } from '../remembered.ts'

export const JSON_TYPE = 'application/json; charset=utf-8'

/** Refuses what cannot be answered in any form the caller takes (RFC 9110, section 12.5.1). */
export function acceptJson(accept: string | undefined): void {
  if (accept === undefined || takesJson(accept)) return
  throw new Problem('NOT_ACCEPTABLE', 'Answers are application/json, errors application/problem+json.')
}

/** Clients send the same few headers all the time; reading a browser's took 2 us. */
const takesJson = remembered(1000, (accept) => {
  if (accept.trim() === '') return true
  const best = accept.split(',').map(toRange).filter((range) => range.specificity > 0)
    .reduce<Range>((chosen, range) => range.specificity > chosen.specificity ? range : chosen, { specificity: 0, quality: 0 })
  return best.quality > 0
})

interface Range {
  /** How exactly the range names application/json; 0 when it does not. */
  readonly specificity: number
  readonly quality: number
}

function toRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const quality = parameters.find((parameter) => parameter.startsWith('q='))
  const others = parameters.filter((parameter) => !parameter.startsWith('q=') && parameter !== '')
  const plain = others.every((parameter) => /^charset="?utf-8"?$/.test(parameter))
  const specificity = ['*/*', 'application/*', 'application/json'].indexOf(type) + 1
  return { specificity: plain ? specificity : 0, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0 }
}

/** `Prefer: return=…`; others, and values that nobody has defined, are ignored as RFC 7240 asks. */
export function preferredReturn(prefer: string | string[] | undefined): 'minimal' | 'representation' | null {
  for (const part of [prefer ?? []].flat().join(',').split(',')) {
    const [, name = '', value = ''] = /^\s*([\w-]+)\s*(?:=\s*"?([^";\s]*)"?)?/.exec(part) ?? []
    if (name.toLowerCase() !== 'return') continue // and of several the first counts
    return value === 'minimal' || value === 'representation' ? value : null
  }
  return null
}
