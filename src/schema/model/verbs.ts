// Which verbs of a resource's access an operation needs.
import type { StandardKind, Verb } from './model.ts'

export const verbsOf: Readonly<Record<StandardKind, readonly Verb[]>> = Object.freeze({
  get: ['read'],
  list: ['read'],
  aggregate: ['read'],
  create: ['create'],
  update: ['update'],
  delete: ['delete'],
  createMany: ['create'],
  upsert: ['create', 'update'],
  updateMany: ['read', 'update'],
  deleteMany: ['read', 'delete'],
})
