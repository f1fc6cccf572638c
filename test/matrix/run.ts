// Sends every cell of a matrix through both faces and returns those with another answer than expected.
import type { Model } from '../../src/schema/model/model.ts'
import { openEverything, readEverything } from '../../src/parity/generate/open-model.ts'
import type { TestGateway } from '../../src/parity/gateway.ts'
import type { Cell } from './cells.ts'
import type { Row, Dataset } from './oracle.ts'

/** A cell with another answer than expected. */
export interface Failure {
  readonly cell: string
  readonly face: 'graphql' | 'rest'
  readonly expected: string
  readonly actual: string
}

export async function* failuresOf(
  gateway: TestGateway,
  cells: readonly Cell[],
): AsyncGenerator<Failure> {
  for (const cell of cells) {
    for (const face of ['graphql', 'rest'] as const) {
      const [expected, actual] = [cell.expected[face], await cell.ask(gateway, face)]
      if (actual !== expected) yield { cell: cell.name, face, expected, actual }
    }
  }
}

/** Every row of every resource, regardless of policies. */
export async function readDataset(model: Model, gateway: TestGateway): Promise<Dataset> {
  const engine = openEverything(model, gateway.database)
  const rows = new Map<string, readonly Row[]>()
  for (const {
    key,
    page: { max },
  } of model.resources.values()) {
    const found: Row[] = []
    for (let offset = 0; ; offset += max) {
      const page = await readEverything(engine, key, { first: max, offset })
      found.push(...page)
      if (page.length < max) break
    }
    rows.set(key, found)
  }
  return { model, rows }
}
