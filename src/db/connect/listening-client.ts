// A session of `pg` whose errors always have a listener: an EventEmitter without one ends the process.
import { Client, type ClientConfig } from 'pg'

/**
 * Every session of db/ is one. `pg` emits `error` for what no statement waits for: a backend that ends between two of
 * them, a socket that breaks, a key that cannot be hashed while it connects. The pool's own listener is there only while
 * a client is idle, so that between two holders, in the same turn of the event loop, there was none. A class because
 * the pool makes its clients by `new`.
 */
export class ListeningClient extends Client {
  /** Whether the session has failed: nothing can be asked of it any longer. */
  lost = false
  /** When it was made (performance.now). */
  readonly since = performance.now()

  constructor(config?: string | ClientConfig) {
    super(config)
    this.on('error', () => {
      this.lost = true
    }) // a statement that runs meanwhile is rejected with the same error
  }
}
