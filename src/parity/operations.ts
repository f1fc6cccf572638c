// Operations of the model as the suite looks at them: by name, and by the rows that they answer.
import type { Model, Operation, Resource } from '../schema/model/model.ts'

/** @throws Error where the model has no such operation */
export function operationNamed(model: Model, name: string): Operation {
  const operation = model.operations.find((one) => one.name === name)
  if (operation === undefined) throw new Error(`The model has no operation ${name}.`)
  return operation
}

/** The resource whose rows an operation answers; null where it answers a value. */
export function resourceOf(operation: Operation): Resource | null {
  if (operation.standard !== null) return operation.resource
  return operation.output.type === 'value' ? null : operation.output.resource
}
