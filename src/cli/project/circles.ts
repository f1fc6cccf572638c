// Tables whose foreign keys lead round in a circle: their types can only be told to the compiler, not inferred.
import type { Plan } from './plan.ts'

/** For each table of the project, those that it reaches by foreign keys and that reach it; itself only if it refers to itself. */
export function findCircles(plan: Plan): ReadonlyMap<string, ReadonlySet<string>> {
  const reached = new Map([...plan.tables.keys()].map((name) => [name, reachedFrom(name, plan)]))
  return new Map(
    [...reached].map(([name, others]) => [
      name,
      new Set([...others].filter((other) => reached.get(other)?.has(name) === true)),
    ]),
  )
}

function reachedFrom(start: string, plan: Plan): ReadonlySet<string> {
  const reached = new Set<string>()
  const waiting = [start]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    for (const { targetSchema, target } of plan.tables.get(name)?.table.foreignKeys ?? []) {
      if (targetSchema !== plan.schema || !plan.tables.has(target) || reached.has(target)) continue
      reached.add(target)
      waiting.push(target)
    }
  }
  return reached
}
