// Exports: a whole list as a stream of lines, read from the database as fast as the caller takes it.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Readable } from 'node:stream'
import type { Engine } from '../../engine/engine.ts'
import { openExport } from '../../engine/execute.ts'
import type { ExportRequest } from '../../engine/read/run-export.ts'
import type { Total } from '../../engine/request.ts'
import { Problem, toProblem } from '../../errors.ts'
import { noRow, parameterIssue, unreadable } from '../errors.ts'
import { toCsv, toNdjson } from '../response/csv-ndjson.ts'
import type { ExportName } from '../request/prefer.ts'

const forms = {
  csv: { type: 'text/csv; charset=utf-8; header=present', toLines: toCsv },
  ndjson: { type: 'application/x-ndjson', toLines: toNdjson },
} as const

/** An export that has begun: its headers and its lines. */
export interface OpenLines {
  readonly headers: Readonly<Record<string, string>>
  readonly chunks: AsyncGenerator<Buffer>
}

/** The list to export, and the name of the file. */
export interface ExportQuestion {
  readonly asked: ExportRequest
  readonly name: string
  /** The count that was asked for; lines have no place for one. */
  readonly total: Total
}

/** Begins an export. Faults that are found before the first row are answered with their status. */
export async function openLines(
  engine: Engine,
  { asked, name, total }: ExportQuestion,
  form: ExportName,
): Promise<OpenLines> {
  if (total !== false) {
    const message = 'An export has no page to count in; leave count out.'
    throw unreadable(message, [parameterIssue('count', 'conflict', message)])
  }
  const { type, toLines } = forms[form]
  const chunks = await openExport(engine, asked, toLines)
  if (chunks === null) return noRow()
  return {
    chunks,
    headers: {
      'content-type': type,
      'content-disposition': `attachment; filename="${name}.${form}"`,
      'cache-control': 'no-store',
    },
  }
}

export interface Sending {
  /** Milliseconds in which the caller has to take the next part. */
  readonly stalledAfter: number
  readonly onProblem: (problem: Problem) => void
}

/** Sends the lines. A fault while they are sent breaks the connection, so that the file does not look complete. */
export async function sendLines(
  request: FastifyRequest,
  reply: FastifyReply,
  { headers, chunks }: OpenLines,
  { stalledAfter, onProblem }: Sending,
): Promise<FastifyReply> {
  reply.code(200).headers(headers)
  if (request.method === 'HEAD') await chunks.return(undefined) // nothing is read, and the stream is empty
  const timed = withLimit(chunks, stalledAfter, () => stream.destroy(stalled()))
  const stream = Readable.from(timed, { objectMode: false })
  stream.once('error', (error) => onProblem(toProblem(error)))
  return reply.send(stream)
}

const stalled = (): Problem => new Problem('TIMEOUT', 'The caller has stopped reading the export.')

/** The same chunks; `cut` is called when one is not taken in time. */
async function* withLimit(
  chunks: AsyncGenerator<Buffer>,
  time: number,
  cut: () => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    const timer = setTimeout(cut, time)
    try {
      yield chunk
    } finally {
      clearTimeout(timer)
    }
  }
}
