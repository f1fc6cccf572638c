// Where log lines go: gathered and written to standard output together, as one write costs as much as several lines.
import pino from 'pino'

/** Milliseconds that a line waits at most. */
const DELAY = 100
/** As much as a pipe takes in one piece (PIPE_BUF), so that the lines of several processes on it are not mixed. */
const MOST_CHARACTERS = 4096
/** What is kept while nothing can be written; lines beyond it are lost. */
const MAX_UNWRITTEN_BYTES = 1024 * 1024
/** Pino's level `error`. */
const URGENT = 50

/** A destination as pino takes it. */
export interface LogOutput {
  write(line: string): void
  /** Writes what has been gathered, before it returns. */
  flushSync(): void
}

/** Errors are written at once, with everything before them. What is gathered is lost only where a process is killed. */
export function openLogOutput(write: (text: string) => void): LogOutput {
  let gathered = ''
  let timer: NodeJS.Timeout | null = null
  const flushSync = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    const text = gathered
    gathered = ''
    if (text !== '') write(text)
  }
  const output = {
    [Symbol.for('pino.metadata')]: true, // then pino tells the level of each line, here:
    lastLevel: 0,
    flushSync,
    write(line: string) {
      if (gathered.length + line.length > MOST_CHARACTERS) flushSync()
      gathered += line
      if (output.lastLevel >= URGENT) flushSync()
      else timer ??= setTimeout(flushSync, DELAY).unref()
    },
  }
  return output
}

let standardOutput: LogOutput | null = null

/** The one of this process; it writes as pino's own would. */
export function toStandardOutput(): LogOutput {
  if (standardOutput !== null) return standardOutput
  const destination = pino.destination({ dest: 1, sync: true, maxLength: MAX_UNWRITTEN_BYTES })
  surviveFailures(destination)
  standardOutput = openLogOutput((text) => destination.write(text))
  process.on('exit', standardOutput.flushSync)
  return standardOutput
}

/** A full disk must not end the process: it loses lines of the log, and standard error is told once. */
function surviveFailures(destination: ReturnType<typeof pino.destination>): void {
  let isTold = false
  destination.on('error', (error: NodeJS.ErrnoException) => {
    if (!isTold) process.emitWarning(`The log cannot be written: ${error.code ?? error.message}.`)
    isTold = true
  })
  destination.on('drop', () => {
    try {
      destination.flushSync() // what is kept is tried again by itself only where there is room for more
    } catch {
      // told already
    }
  })
}
