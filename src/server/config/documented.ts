// What the documentation of a setting has, and the registry that keeps it.
import * as z from 'zod'

export type Mode = 'development' | 'production'

export interface VariableDocs {
  readonly name: string
  readonly description: string
  /** What a value must look like, said after "must be". */
  readonly allowed: string
  /** The value when the variable is absent or empty, as it would be written; per mode where they differ. */
  readonly default?: string | Partial<Record<Mode, string>>
  readonly example: string
  /** The value never appears in a message. */
  readonly secret?: true
}

export const documented = z.registry<VariableDocs>()

export const hour = 3_600_000
export const perMode = (development: string, production: string) => ({ development, production })
