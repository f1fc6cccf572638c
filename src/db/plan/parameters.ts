// Parameters of a statement: each stands for a value of the request by its slot.
import { type SQL, sql } from 'drizzle-orm'
import type { Slot } from './read-request.ts'
import type { ToParameter } from './values.ts'

/** The parameter that a slot's value is bound to. */
export function parameter(slot: Slot, convert: ToParameter): SQL {
  return sql`${sql.param<SlotMark, SlotMark>({ [slotMark]: slot, convert })}`
}

const slotMark: unique symbol = Symbol('bifrons.slot')
interface SlotMark {
  readonly [slotMark]: Slot
  readonly convert: ToParameter
}

/** How a statement's parameter is bound: a slot's value converted, or a constant that Drizzle's SQL brought along. */
export function bindingOf(param: unknown): (values: readonly unknown[]) => unknown {
  if (typeof param !== 'object' || param === null || !(slotMark in param)) return () => param
  const { [slotMark]: slot, convert } = param as SlotMark // marks are made above only
  return (values) => convert(values[slot])
}
