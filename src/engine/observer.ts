// A watcher of operations, for metrics and traces: it sees which one runs and how it ends, and changes nothing.
import type { Operation } from '../schema/model/model.ts'

/** Runs the work of one operation. What it gives, and what it throws, are the work's. */
export type Observer = <T>(operation: Operation, work: () => Promise<T>) => Promise<T>
