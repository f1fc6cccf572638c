// Loaded into the server of a soak (`node --import`): on SIGUSR2 it collects garbage and writes what is left to the file of SOAK_FIGURES.
import { renameSync, writeFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isMainThread } from 'node:worker_threads'

const file = process.env['SOAK_FIGURES']
if (isMainThread && file !== undefined) {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void // what V8 adds with that flag
  process.on('SIGUSR2', () => {
    collect()
    setImmediate(() => {
      collect() // what finalizers of the first have let go
      writeFileSync(`${file}.part`, JSON.stringify(process.memoryUsage()))
      renameSync(`${file}.part`, file)
    })
  })
}
