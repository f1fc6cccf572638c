// Where log lines go: pino gathers them and writes them to standard output together, as one write costs as much as several lines.
import pino from 'pino'

/** Milliseconds that a line waits at most. */
const MAX_WAIT_MS = 100
/** As much as a pipe takes in one piece (PIPE_BUF), so that the lines of several processes on it are not mixed. */
const MAX_WRITE_BYTES = 4096
/** What is written without waiting; pino wants it smaller than a piece. */
const MIN_WRITE_BYTES = 3584
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

/**
 * Errors are written at once, with everything before them. What is gathered is lost only where a process is killed.
 * @param dest a file descriptor, or the path of a file
 */
export function openLogOutput(dest: number | string): LogOutput {
  const destination = pino.destination({
    dest,
    sync: true,
    minLength: MIN_WRITE_BYTES,
    maxWrite: MAX_WRITE_BYTES,
    maxLength: MAX_UNWRITTEN_BYTES,
    periodicFlush: MAX_WAIT_MS,
  })
  surviveFailures(destination)
  const output = {
    [Symbol.for('pino.metadata')]: true, // then pino tells the level of each line, here:
    lastLevel: 0,
    write(line: string) {
      destination.write(line)
      if (output.lastLevel >= URGENT) destination.flush() // flushSync would also wait for the disk
    },
    flushSync: () => destination.flushSync(),
  }
  return output
}

let standardOutput: LogOutput | null = null

/** The one of this process. */
export function toStandardOutput(): LogOutput {
  if (standardOutput !== null) return standardOutput
  standardOutput = openLogOutput(1)
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
