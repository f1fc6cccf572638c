// Puts a new project's files into a folder, and never over somebody's work.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CliError } from './cli-error.ts'
import type { ProjectFiles } from './project/common-files.ts'

/** Throws CliError, with what stands in the way, unless the folder is empty or not there; `force` lets other files stay, and be replaced. */
export function checkFolder(folder: string, force: boolean): void {
  if (!existsSync(folder)) return
  if (!statSync(folder).isDirectory()) throw new CliError(`${folder} is a file, not a folder.`)
  const there = readdirSync(folder).filter((name) => name !== '.git' && name !== 'node_modules')
  if (there.length === 0 || force) return
  const shown =
    there.slice(0, 10).join(', ') + (there.length > 10 ? ` and ${there.length - 10} more` : '')
  throw new CliError(
    `The folder ${folder} is not empty: ${shown}. Name another one, or say --force to write beside them and replace files of the same name.`,
  )
}

export async function writeProject(folder: string, files: ProjectFiles): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content, { mode: path === '.env' ? 0o600 : 0o644 }) // .env has the database's password
  }
}
