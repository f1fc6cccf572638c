// The words of the declaration, tied to this store's tables and callers: the compiler checks every name said with them.
import { declare } from 'bifrons'
import { z } from 'zod'
import { relations } from './relations.ts'

/** What a token may say of its caller beside `sub` and `roles`. Anonymous callers and staff have no `customerId`. */
const caller = z.object({ customerId: z.uuid() }).partial()

export const { resource, operation, access } = declare({ relations, caller })

/** Who works in the store. */
export const staff = access.role('staff')

/** Rows that belong to the customer who asks: their column `customerId` equals the caller's claim. */
export const own = access.owner('customerId', 'customerId')
