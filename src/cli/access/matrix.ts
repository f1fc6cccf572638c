// The matrix of access: role x resource x field x verb x face, from the model alone.
import type { PolicyNode } from '../../schema/declare/access.ts'
import type { Field, Model, Resource, Verb } from '../../schema/model/model.ts'
import { allOf, type Answer, answerFor, NO, type Role, rolesIn, YES } from './policy-text.ts'

type Face = 'graphql' | 'rest'

/** One cell. Of a resource as a whole the field is null; of a custom operation the verb is `do`. */
export interface Cell extends Answer {
  readonly role: string
  readonly subject: string
  readonly field: string | null
  readonly verb: Verb | 'do'
  readonly face: Face
}

export interface Matrix {
  readonly gateway: string
  readonly roles: readonly string[]
  readonly cells: readonly Cell[]
}

const verbs: readonly Verb[] = ['read', 'create', 'update', 'delete']
const faces: readonly Face[] = ['graphql', 'rest']

export function buildMatrix(model: Model): Matrix {
  const roles = rolesOf(model)
  return {
    gateway: model.name,
    roles: roles.map(({ name }) => name),
    cells: roles.flatMap((role) => [
      ...[...model.resources.values()].flatMap((resource) => resourceCells(resource, role)),
      ...operationCells(model, role),
    ]),
  }
}

/** The anonymous, whoever is signed in, and each role that a policy names. */
function rolesOf(model: Model): readonly Role[] {
  const policies: readonly (PolicyNode | null)[] = [
    ...[...model.resources.values()].flatMap(({ access, fields }) => [
      ...Object.values(access),
      ...[...fields.values()].flatMap(({ read, write }) => [read, write]),
    ]),
    ...model.operations.map((one) => (one.standard === null ? one.access : null)),
  ]
  const names = new Set(policies.flatMap((policy) => (policy === null ? [] : rolesIn(policy))))
  return [
    { name: 'anonymous', isSignedIn: false, roles: [] },
    { name: 'signed in', isSignedIn: true, roles: [] },
    ...[...names].toSorted().map((name) => ({ name, isSignedIn: true, roles: [name] })),
  ]
}

function resourceCells(resource: Resource, role: Role): readonly Cell[] {
  const { access, fields, key } = resource
  const cell = (verb: Verb, field: string | null, answer: Answer): readonly Cell[] =>
    faces.map((face) => ({ role: role.name, subject: key, field, verb, face, ...answer }))
  return verbs.flatMap((verb) => {
    const whole = answerFor(access[verb], role, true)
    return [
      ...cell(verb, null, whole),
      ...(verb === 'delete'
        ? []
        : [...fields.values()].flatMap((field) =>
            cell(verb, field.name, allOf([whole, fieldAnswer(field, verb, role)])),
          )),
    ]
  })
}

function fieldAnswer(field: Field, verb: Exclude<Verb, 'delete'>, role: Role): Answer {
  if (verb === 'read') return field.read === null ? YES : answerFor(field.read, role, true)
  if (field[verb] === 'never') return NO
  return field.write === null ? YES : answerFor(field.write, role, false)
}

const operationCells = (model: Model, role: Role): readonly Cell[] =>
  model.operations.flatMap((operation) =>
    operation.standard === null
      ? faces
          .filter((face) => operation.only === null || operation.only.face === face)
          .map((face) => ({
            role: role.name,
            subject: operation.name,
            field: null,
            verb: 'do' as const,
            face,
            ...answerFor(operation.access, role, false),
          }))
      : [],
  )
