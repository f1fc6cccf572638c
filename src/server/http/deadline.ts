// Every request has a deadline, and its work ends with it or with the caller: one signal says both.
import type { FastifyInstance, FastifyReply } from 'fastify'
import { Problem } from '../../errors.ts'

/** What is done for one request. */
export interface Work {
  /**
   * Aborts at the deadline or when the caller goes away. In place of Fastify's own `signal` and `handlerTimeout`,
   * which take the end of a request's body for the end of its caller: Node emits `close` for both.
   */
  readonly signal: AbortSignal
  /** Gives the work another deadline, so many milliseconds from now: an answer that is a stream takes as long as its reader. */
  prolong(milliseconds: number): void
}

declare module 'fastify' {
  interface FastifyRequest {
    work: Work
  }
}

/** Milliseconds between the signal and the answer: what heeds the signal answers in its own words. */
const GRACE_MS = 250

/** A class for its getter: most requests end before anybody asks for the signal, and most statements need none. */
class RunningWork implements Work {
  reply: FastifyReply | null
  before: RunningWork | null = null
  after: RunningWork | null = null
  /** By the clock of `performance.now()`. */
  readonly due: number
  private controller: AbortController | null = null
  private reason: Problem | null = null
  private readonly line: Line | null
  private timer: NodeJS.Timeout | undefined

  constructor(reply: FastifyReply | null, due: number, line: Line | null) {
    this.reply = reply
    this.due = due
    this.line = line
  }

  prolong(milliseconds: number): void {
    const { reply } = this
    if (reply === null) return // it is over
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
      if (this.reason !== null) this.controller.abort(this.reason)
    }
    return this.controller.signal
  }

  end(reason: Problem): void {
    if (this.reason !== null) return
    this.reason = reason
    this.controller?.abort(reason)
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
  const end = new RunningWork(null, Number.POSITIVE_INFINITY, null) // before the first and behind the last
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
    const work = new RunningWork(reply, now + milliseconds, running)
    request.work = work
    running.add(work)
    if (timer === null) wait(now, work.due)
    reply.raw.on('close', () => {
      work.leave()
      if (!reply.raw.writableFinished) work.end(new Problem('UNAVAILABLE', 'The caller went away.'))
    })
    done()
  })
  app.addHook('onClose', (_app, done) => {
    if (timer !== null) clearTimeout(timer)
    done()
  })
}

/** Head or body: the client is late, and not we. */
export const lateRequest = (): Problem =>
  new Problem('TIMEOUT', 'The request did not arrive in time.', { status: 408 })

function endAtDeadline(work: RunningWork, reply: FastifyReply): void {
  const { complete }: { complete?: boolean } = reply.request.raw // an injected request has no such member
  const problem =
    complete === false
      ? lateRequest()
      : new Problem('TIMEOUT', 'The request took longer than this server allows.')
  work.end(problem)
  setTimeout(() => {
    if (reply.raw.headersSent) reply.raw.destroy() // an answer half sent has no place for an error
    else if (!reply.sent) void reply.send(problem)
  }, GRACE_MS).unref()
}
