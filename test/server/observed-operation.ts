// An operation whose handler would send the trace on to what it calls.
import { context, propagation } from '@opentelemetry/api'
import * as z from 'zod'
import { declare } from '../../src/schema/declare/declare.ts'
import { relations } from '../graphql/library.ts'

const { operation: define, access } = declare({ relations })

export const operation = {
  trace: define({
    kind: 'mutation',
    rest: 'POST /trace',
    access: access.everyone,
    input: z.object({ text: z.string() }),
    output: z.object({ traceId: z.string() }),
    handle: async () => {
      const headers: Record<string, string> = {}
      propagation.inject(context.active(), headers)
      return { traceId: headers['traceparent']?.split('-')[1] ?? '' }
    },
  }),
}
