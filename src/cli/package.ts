// The versions of Node and of the packages that a project needs, from the package's own package.json.
import { readFileSync } from 'node:fs'
import { z } from 'zod'

const schema = z.object({
  engines: z.object({ node: z.string() }),
  peerDependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
})

/** The same depth below the package from src/cli/ and from dist/cli/. */
const own = schema.parse(
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')),
)

export const nodeRange = own.engines.node

/** The exact version of a package that this one was built and tested with. */
export function versionOf(name: string): string {
  const found = own.peerDependencies[name] ?? own.devDependencies[name]
  if (found === undefined) throw new TypeError(`package.json names no version of ${name}.`)
  return found
}
