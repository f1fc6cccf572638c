import { declare, gateway } from 'bifrons'
    import { z } from 'zod'
    import store from '../../app/gateway.ts'
    import { access, operation } from '../../app/declare.ts'
    let count = 0
    const counter = operation({ kind: 'query', rest: 'GET /counter', access: access.everyone, output: z.object({ count: z.number() }), handle: async () => ({ count: count += 1 }) })
    export default gateway({ ...store, migrations: '../../app/drizzle', operations: { counter } })
  