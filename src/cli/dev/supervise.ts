// The process behind `bifrons dev`: runs the server as a child, and another one after every change of the project.
import { type ChildProcess, spawn } from 'node:child_process'
import { say } from '../terminal.ts'
import { watchProject } from './watch-project.ts'

/** Milliseconds a server has to stop before it is killed. */
const STOP_GRACE_MS = 10_000

/**
 * Runs this very command with other arguments until a signal comes. A child that fails leaves its errors on the screen, and
 * the next change starts another one; modules cannot be unloaded, so nothing less than a new process is sure to see a change.
 */
export async function supervise(args: readonly string[], folder: string): Promise<void> {
  let child: ChildProcess | null = null
  let restarting = false
  let again = false

  const start = (): void => {
    child = startChild(args, (ended, code) => {
      if (child !== ended) return
      child = null
      if (code === 0) stopped.resolve() // it was asked to stop, by the terminal
      else say('\nWaiting for a change …')
    })
  }

  const restart = async (): Promise<void> => {
    again = true
    if (restarting) return
    restarting = true
    while (again) {
      again = false
      const old = child
      child = null
      if (old !== null) await stop(old)
    }
    restarting = false
    start()
  }

  const stopped = Promise.withResolvers<void>()
  const watching = watchProject(folder, (files) => {
    say(
      `\n${files.slice(0, 3).join(', ')}${files.length > 3 ? ` and ${files.length - 3} more` : ''} changed: starting again`,
    )
    restart().catch(stopped.reject)
  })
  let signals = 0
  const onSignal = (): void => {
    signals += 1
    if (signals > 1) child?.kill('SIGTERM') // a second one does not wait for what is in flight
    stopped.resolve()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  start()
  await stopped.promise.finally(() => watching.close())
  if (child !== null) await stop(child)
}

/** @param onEnd is given the child that ended, or could not be started, and its exit code */
function startChild(
  args: readonly string[],
  onEnd: (child: ChildProcess, code: number | null) => void,
): ChildProcess {
  // A group of its own: Ctrl-C at the terminal comes to us alone, and one signal is enough for the server to end well.
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    detached: true,
    windowsHide: true,
  })
  child.once('exit', (code) => onEnd(child, code))
  // An EventEmitter without a listener of its errors ends the process. No exit follows where there is no child.
  child.on('error', (error) => {
    say(`The server: ${error.message}.`)
    if (child.pid === undefined) onEnd(child, null)
  })
  return child
}

/** Ends a child; one that does not end in time is killed. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
  })
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS)
  await ended
  clearTimeout(timer)
}
