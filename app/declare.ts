// The functions of the declaration, typed by this store's tables and callers: the compiler checks every name in them.
import { declare } from 'bifrons'
import { z } from 'zod'
import { relations } from './relations.ts'

/** The claims of a token beside `sub` and `roles`. Anonymous callers and staff have no `customerId`. */
const caller = z.object({ customerId: z.uuid() }).partial()

export const { resource, operation, access } = declare({ relations, caller })

/** The people who work in the store. */
export const staff = access.role('staff')

/** The rows of the calling customer: their column `customerId` equals the caller's claim. */
export const own = access.owner('customerId', 'customerId')
