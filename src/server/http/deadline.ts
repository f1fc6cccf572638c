// Every request has a deadline, and its work ends with it or with the caller: one signal says both.
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { IncomingMessage } from 'node:http'
import { Problem } from '../../errors.ts'
import { countStatements, type RequestStatements } from '../../request-statements.ts'
import { type Connection, toConnection } from '../limits/connections.ts'

/** What is done for one request. */
export interface Work {
  /**
   * Aborts at the deadline or when the caller goes away. In place of Fastify's own `signal` and `handlerTimeout`,
   * which take the end of a request's body for the end of its caller: Node emits `close` for both.
   */
  readonly signal: AbortSignal
  /** Gives the work another deadline, so many milliseconds from now: an answer that is a stream takes as long as its reader. */
  prolong(milliseconds: number): void
  /** When the first byte of the request was read, by the clock of `performance.now()`. */
  readonly began: number
  /** What ended the work before its answer was whole; null while nothing has. */
  readonly endedBy: 'caller' | 'deadline' | null
  /** What was asked of the database with the signal; null where no one has asked for the signal. */
  readonly statements: RequestStatements | null
  /** Whether it has another deadline than most requests. */
  readonly isProlonged: boolean
  /** Calls `leave` once, when the answer is on its way as a whole or the connection is gone. */
  onEnd(leave: () => void): void
}

declare module 'fastify' {
  interface FastifyRequest {
    work: Work
  }
}

/** Milliseconds between the signal and the answer: what heeds the signal answers in its own words. */
const GRACE_MS = 250

/** Shared by all that nothing waits for. */
const none: (() => void)[] = []

/** A class for its getter: most requests end before anybody asks for the signal, and most statements need none. */
class RunningWork implements Work {
  reply: FastifyReply | null
  before: RunningWork | null = null
  after: RunningWork | null = null
  /** By the clock of `performance.now()`. */
  readonly due: number
  readonly began: number
  endedBy: Work['endedBy'] = null
  isProlonged = false
  statements: RequestStatements | null = null
  private isClosed = false
  private controller: AbortController | null = null
  private reason: Problem | null = null
  private readonly line: Line | null
  private timer: NodeJS.Timeout | undefined
  private leavers: (() => void)[] = none

  constructor(
    reply: FastifyReply | null,
    { began, due, line }: { began: number; due: number; line: Line | null },
  ) {
    this.reply = reply
    this.began = began
    this.due = due
    this.line = line
  }

  onEnd(leave: () => void): void {
    if (this.isClosed) leave()
    else if (this.leavers === none) this.leavers = [leave]
    else this.leavers.push(leave)
  }

  prolong(milliseconds: number): void {
    const { reply } = this
    if (reply === null) return // it is over
    this.isProlonged = true
    this.leave()
    this.timer = setTimeout(() => endAtDeadline(this, reply), milliseconds)
    this.timer.unref()
  }

  /** Leaves the line, and has no deadline any longer. */
  leave(): void {
    clearTimeout(this.timer)
    this.line?.remove(this)
  }

  get signal(): AbortSignal {
    if (this.controller === null) {
      this.controller = new AbortController()
      this.statements = countStatements(this.controller.signal)
      if (this.reason !== null) this.controller.abort(this.reason)
    }
    return this.controller.signal
  }

  end(by: 'caller' | 'deadline', reason: Problem): void {
    if (this.reason !== null) return
    this.endedBy = by
    this.reason = reason
    this.controller?.abort(reason)
  }

  close(): void {
    this.isClosed = true
    this.leave()
    const { leavers } = this
    this.leavers = none
    for (const leave of leavers) leave()
  }
}

/** Running requests, the oldest first. */
interface Line {
  add(work: RunningWork): void
  remove(work: RunningWork): void
  oldest(): RunningWork | null
}

/**
 * A list whose members know their neighbours. A Set that changes with every request leaves a table behind every few of them, and old tables keep
 * one another, and all requests in them, until the whole heap is collected: memory under load was twice as much.
 */
function openLine(): Line {
  const end = new RunningWork(null, { began: 0, due: Number.POSITIVE_INFINITY, line: null }) // before the first and behind the last
  end.before = end
  end.after = end
  return {
    oldest: () => (end.after === end ? null : end.after),
    add(work) {
      work.before = end.before
      work.after = end
      if (end.before !== null) end.before.after = work
      end.before = work
    },
    remove(work) {
      if (work.before !== null) work.before.after = work.after
      if (work.after !== null) work.after.before = work.before
      work.before = null
      work.after = null
      work.reply = null
    },
  }
}

/**
 * One timer for all requests, at the deadline of the oldest; one each, with a signal each, cost 1.9 us a request in place of 0.5. All have
 * as long as one another, so the line is in the order of their deadlines.
 */
export function setDeadlines(app: FastifyInstance, milliseconds: number): void {
  const running = openLine()
  let timer: NodeJS.Timeout | null = null
  const wait = (from: number, until: number): void => {
    timer = setTimeout(endOverdue, Math.max(1, Math.ceil(until - from)))
    timer.unref() // the connections keep the process alive
  }
  const endOverdue = (): void => {
    timer = null
    const now = performance.now()
    for (let work = running.oldest(); work !== null; work = running.oldest()) {
      if (work.due > now) return wait(now, work.due)
      const { reply } = work
      running.remove(work)
      if (reply !== null) endAtDeadline(work, reply)
    }
  }
  app.decorateRequest('work')
  app.addHook('onRequest', (request, reply, done) => {
    const now = performance.now()
    const connection = toConnection(request.raw.socket)
    const began = connection?.began ?? now
    const work = new RunningWork(reply, { began, due: now + milliseconds, line: running })
    request.work = work
    running.add(work)
    if (timer === null) wait(now, work.due)
    if (connection !== null) take(connection, request.raw)
    reply.raw.on('close', () => {
      if (connection !== null) giveBack(connection)
      const { writableFinished, writableEnded } = reply.raw
      const isWhole = connection === null ? writableEnded : writableFinished // without a connection none is sent
      if (!isWhole) work.end('caller', new Problem('UNAVAILABLE', 'The caller went away.'))
      work.close()
    })
    done()
  })
  app.addHook('onClose', (_app, done) => {
    if (timer !== null) clearTimeout(timer)
    done()
  })
}

function take(connection: Connection, request: IncomingMessage): void {
  connection.running += 1
  connection.request = request
  connection.since = connection.began
}

function giveBack(connection: Connection): void {
  connection.running -= 1
  connection.request = null
  connection.since = performance.now()
}

/** Head or body: the client is late, and not we. */
export const lateRequest = (): Problem =>
  new Problem('TIMEOUT', 'The request did not arrive in time.', { status: 408 })

function endAtDeadline(work: RunningWork, reply: FastifyReply): void {
  const { complete } = reply.request.raw as { complete?: boolean } // an injected request has no such member
  const problem =
    complete === false
      ? lateRequest()
      : new Problem('TIMEOUT', 'The request took longer than this server allows.')
  work.end('deadline', problem)
  setTimeout(() => {
    if (reply.raw.headersSent) reply.raw.destroy() // an answer half sent has no place for an error
    else if (!reply.sent) void reply.send(problem)
  }, GRACE_MS).unref()
}
