// `npm run test:times`: the time of the tests, by folder and for the slowest files, as tables for CONTRIBUTING.md.
import { dirname, relative } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'

/** How many files the second table has. */
const DEAREST_FILES = 15

interface FileTime {
  readonly path: string
  /** Loading the file and its imports. */
  readonly loadMs: number
  /** Its hooks and tests. */
  readonly runMs: number
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1)
const total = (files: readonly FileTime[], time: (file: FileTime) => number): number =>
  files.reduce((sum, file) => sum + time(file), 0)

function toTable(
  heads: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  return [heads, heads.map((_, i) => (i === 0 ? '---' : '--:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

function toTables(files: readonly FileTime[]): string {
  const byTime = (a: FileTime, b: FileTime): number => b.runMs + b.loadMs - a.runMs - a.loadMs
  const row = (name: string, some: readonly FileTime[]) => [
    name,
    some.length,
    seconds(total(some, ({ loadMs }) => loadMs)),
    seconds(total(some, ({ runMs }) => runMs)),
  ]
  const folders = [...Map.groupBy(files, ({ path }) => dirname(path))].toSorted(
    ([, a], [, b]) => total(b, ({ runMs }) => runMs) - total(a, ({ runMs }) => runMs),
  )
  return [
    toTable(
      ['folder', 'files', 'loading, s', 'running, s'],
      [...folders.map(([folder, some]) => row(`\`${folder}\``, some)), row('all', files)],
    ),
    toTable(
      ['file', 'loading, s', 'running, s'],
      files
        .toSorted(byTime)
        .slice(0, DEAREST_FILES)
        .map(({ path, loadMs, runMs }) => [`\`${path}\``, seconds(loadMs), seconds(runMs)]),
    ),
  ].join('\n\n')
}

/** A class because vitest constructs the default export of a reporter's file. */
export default class TimesReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const files = modules.map((module): FileTime => {
      const { collectDuration, duration } = module.diagnostic()
      return {
        path: relative(process.cwd(), module.moduleId),
        loadMs: collectDuration,
        runMs: duration,
      }
    })
    process.stdout.write(`\n${toTables(files)}\n`)
  }
}
