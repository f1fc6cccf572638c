// The words of full-text search: languages, weights, and what a caller may search for.
import type { z } from 'zod'
import { kinds } from '../values/kinds.ts'

export type SearchWeight = 'A' | 'B' | 'C' | 'D'

/** The languages that PostgreSQL comes with; another configuration is named with its schema, as in `public.recipes`. */
export const searchLanguages = [
  'simple',
  'arabic',
  'armenian',
  'basque',
  'catalan',
  'danish',
  'dutch',
  'english',
  'finnish',
  'french',
  'german',
  'greek',
  'hindi',
  'hungarian',
  'indonesian',
  'irish',
  'italian',
  'lithuanian',
  'nepali',
  'norwegian',
  'portuguese',
  'romanian',
  'russian',
  'serbian',
  'spanish',
  'swedish',
  'tamil',
  'turkish',
  'yiddish',
] as const
export type SearchLanguage = (typeof searchLanguages)[number] | `${string}.${string}`

/** The longest text that is searched for. */
export const MAX_TEXT = 1000
/** The most words that are searched for: the database looks for each of them. */
const MAX_WORDS = 50

/** Words, as full-text search divides text: letters and digits without anything between them. */
export const countWords = (text: string): number => text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0

/** The text that a caller searches for. */
export const searchedText: z.ZodType = kinds.text.wire
  .refine((text) => Array.from(String(text)).length <= MAX_TEXT, {
    message: `At most ${MAX_TEXT} characters.`,
    params: { code: 'too_big' },
    abort: true,
  })
  .refine((text) => countWords(String(text)) <= MAX_WORDS, {
    message: `At most ${MAX_WORDS} words.`,
    params: { code: 'too_big' },
  })
