// Watches a project's own files. Folder by folder: Node's recursive watching would go through node_modules too.
import { type FSWatcher, readdirSync, watch } from 'node:fs'
import { join, relative } from 'node:path'

const skipped = /^(node_modules|dist|coverage|\..*)$/
const meant = /\.(ts|mts|cts|js|mjs|cjs|json|sql|graphql|gql)$|^\.env$/

/** Milliseconds in which changes count as one: editors write a file in several steps. */
const DEBOUNCE_MS = 100

export interface ProjectWatch {
  close(): void
}

/** Calls `onChange` with the changed files, relative to the folder, once they are quiet. */
export function watchProject(
  folder: string,
  onChange: (files: readonly string[]) => void,
): ProjectWatch {
  const watchers = new Map<string, FSWatcher>()
  const changed = new Set<string>()
  let timer: NodeJS.Timeout | undefined

  const tell = (): void => {
    const files = [...changed]
    changed.clear()
    onChange(files)
  }

  const add = (path: string): void => {
    if (watchers.has(path)) return
    try {
      const watcher = watch(path, (_event, name) => onEvent(path, name))
      watcher.on('error', () => remove(path)) // the folder is gone
      watchers.set(path, watcher)
      for (const entry of readdirSync(path, { withFileTypes: true })) {
        if (entry.isDirectory() && !skipped.test(entry.name)) add(join(path, entry.name))
      }
    } catch {
      remove(path) // gone between two looks: its parent's event has told already
    }
  }

  const remove = (path: string): void => {
    watchers.get(path)?.close()
    watchers.delete(path)
  }

  const onEvent = (path: string, name: string | null): void => {
    if (name === null) return
    if (!skipped.test(name) && !name.includes('.')) add(join(path, name)) // perhaps a new folder
    if (!meant.test(name)) return
    changed.add(relative(folder, join(path, name)))
    clearTimeout(timer)
    timer = setTimeout(tell, DEBOUNCE_MS)
  }

  add(folder)
  return {
    close() {
      clearTimeout(timer)
      for (const path of watchers.keys()) remove(path)
    },
  }
}
