// The version of the package, read off its own package.json, which lies two folders up from src/ and dist/ alike.
import { readFileSync } from 'node:fs'

const { version: read } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { readonly version: string } // npm requires it

export const version = read
