// Preloaded into a command (`--import`): no process can be started by it. SIGUSR2 turns that on and off.
const { execPath } = process
const broken = '/nowhere/node'

const toggle = (): void => {
  process.execPath = process.execPath === broken ? execPath : broken
}
process.on('SIGUSR2', toggle)
if (process.env['NO_PROCESSES'] === 'true') toggle()
