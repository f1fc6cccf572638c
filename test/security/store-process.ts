// A process that serves the store, for tests with a small heap.
import { openStore } from './support.ts'

const store = await openStore({}, process.argv[2])
process.on('message', () => process.send?.({ peak: process.resourceUsage().maxRSS * 1024 }))
process.send?.({
  url: await store.app.listen({ port: 0, host: '127.0.0.1' }),
  token: store.staff,
  peak: 0,
})
