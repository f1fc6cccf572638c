// Writes the snippets of a page into a clone of the repository, as a reader would.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, extname, join } from 'node:path'
import { type Fence, placeOf, root } from './pages.ts'

/** The files of the repository that a reader's commands need. */
const parts = [
  'package.json',
  'tsconfig.json',
  'src',
  'bin',
  'drizzle',
  'test/support',
  'test/client/generated',
]

export interface Clone {
  readonly folder: string
  remove(): void
}

export function makeClone(): Clone {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bifrons-docs-')))
  for (const part of parts) cpSync(join(root, part), join(folder, part), { recursive: true })
  for (const part of ['node_modules', 'assets'])
    symlinkSync(join(root, part), join(folder, part), 'dir')
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** The store, in a folder of the clone or at its root, where a page's snippets go. */
export function addStore({ folder }: Clone, place = ''): string {
  const project = join(folder, place)
  cpSync(join(root, 'app'), join(project, 'app'), {
    recursive: true,
    filter: (path) => basename(path) !== '.bifrons',
  })
  return project
}

/**
 * Writes the files that blocks with `file=` show. One that is there already, which a block shows another way, stays, and the
 * block's stands beside it. A `diff` changes the file that is there.
 * @returns the path of the file that each block went into
 */
export function addSnippets(project: string, fences: readonly Fence[]): ReadonlyMap<Fence, string> {
  const paths = new Map<Fence, string>()
  for (const fence of fences) {
    const { file } = fence.attributes
    if (file === undefined) continue
    if (fence.language === 'diff') applyDiff(join(project, file), fence)
    else {
      const path = freePath(join(project, file))
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, fence.text)
      paths.set(fence, path)
    }
  }
  return paths
}

function freePath(path: string): string {
  const extension = extname(path)
  for (let n = 1; ; n += 1) {
    const candidate = n === 1 ? path : `${path.slice(0, -extension.length)}.${n}${extension}`
    if (!existsSync(candidate)) return candidate
  }
}

/** Lines with ` ` and `-` must stand in the file, once, one after the other; `-` and `+` change them. `@@` parts two places. */
function applyDiff(path: string, fence: Fence): void {
  if (!existsSync(path))
    throw new Error(`${placeOf(fence)} changes ${fence.attributes['file']}, which is not there.`)
  let text = readFileSync(path, 'utf8')
  for (const hunk of fence.text.trimEnd().split(/^@@.*\n/m)) {
    const lines = hunk.split('\n').filter((line) => line !== '')
    const before = lines
      .filter((line) => !line.startsWith('+'))
      .map((line) => `${line.slice(1)}\n`)
      .join('')
    const after = lines
      .filter((line) => !line.startsWith('-'))
      .map((line) => `${line.slice(1)}\n`)
      .join('')
    const places = text.split(before).length - 1
    if (before === '' || places !== 1)
      throw new Error(
        `${placeOf(fence)}: ${places} places of ${fence.attributes['file']} are\n${before}`,
      )
    text = text.replace(before, () => after)
  }
  writeFileSync(path, text)
}
