// The settings for metrics and traces.
import * as z from 'zod'
import { documented } from './documented.ts'
import { toggle, trustedRanges } from './value-forms.ts'

export const observationSettings = {
  metricsToken: z
    .string()
    .refine((text) => Buffer.byteLength(text) >= 32)
    .optional()
    .register(documented, {
      name: 'METRICS_TOKEN',
      secret: true,
      example: 'at-least-32-bytes-of-real-randomness',
      allowed: 'at least 32 bytes',
      description:
        'The bearer token that `/metrics` is served for. Without it, and without `METRICS_FROM`, there are no metrics.',
    }),
  metricsFrom: trustedRanges.optional().register(documented, {
    name: 'METRICS_FROM',
    default: { development: 'loopback' },
    example: '10.1.0.0/16',
    allowed:
      'addresses, ranges such as 10.1.0.0/16 and presets such as loopback, separated by commas',
    description: 'The addresses that `/metrics` is served to without a token.',
  }),
  traces: toggle().register(documented, {
    name: 'TRACES',
    default: 'false',
    example: 'true',
    allowed: 'true or false',
    description:
      "Whether requests, operations and statements have spans of OpenTelemetry. It needs the package `@opentelemetry/api`; the team's own SDK sends them.",
  }),
}
