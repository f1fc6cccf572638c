// From a declaration to the frozen model, with every mistake reported at once.
import type { PolicyNode } from '../declare/access.ts'
import type {
  ExportRules,
  OperationDeclaration,
  ResourceDeclaration,
  VocabularyData,
} from '../declare/declare.ts'
import { checkErrors } from '../declare/declared-errors.ts'
import { didYouMean } from '../declare/did-you-mean.ts'
import { buildExport, type Export } from '../declare/export-rules.ts'
import { collectingMistakes, type Report } from '../declare/model-error.ts'
import type { Relations } from '../declare/types.ts'
import type { Model, Operation, Resource } from '../model/model.ts'
import { measuredKeys } from '../model/nearest.ts'
import { checkNested } from '../model/nested.ts'
import type { AnyRules } from './build-fields.ts'
import { buildCustomOperation, buildStandardOperations } from './build-operations.ts'
import { buildResource, policyOf } from './build-resource.ts'
import { checkWrites } from './build-writes.ts'
import { checkDeclaration } from './check-declaration.ts'
import { checkNames } from './check-names.ts'
import { checkPolicies } from './check-policies.ts'
import { defined } from '../../defined.ts'

/** What a gateway says about what exists. */
export interface ModelDeclaration {
  readonly name: string
  readonly description?: string
  readonly relations: Relations
  readonly resources: Readonly<Record<string, ResourceDeclaration>>
  readonly operations?: Readonly<Record<string, OperationDeclaration>>
  /** Who may export rows of the resources that do not say so, and how many: callers who are signed in, 1,000,000 rows. */
  readonly export?: ExportRules<never>
  /** Whether writes of rows and runs of mutations append entries to the audit, where a resource or an operation does not say so: false. */
  readonly audit?: boolean
}

interface BuildContext {
  readonly declaration: ModelDeclaration
  readonly report: Report
  readonly note: (line: string) => void
  /** The gateway's, for resources without rules of their own. */
  readonly export: Export
  readonly audit: boolean
}

/**
 * Builds the frozen model of a declaration.
 * @param more reports mistakes of what stands beside the model in the declaration
 * @throws ModelError with every mistake at once
 */
export function buildModel(
  given: ModelDeclaration,
  more: (report: Report) => void = () => {},
): Model {
  return collectingMistakes((report) => {
    more(report)
    const declaration = { ...given, ...checkDeclaration(given, report) }
    const notes: string[] = []
    const context: BuildContext = {
      declaration,
      report,
      note: (line) => notes.push(line),
      export: buildExport({ where: 'gateway', given: given.export, report }),
      audit: given.audit === true,
    }
    const resources = buildResources(context)
    const operations: Operation[] = [...resources.values()].flatMap(buildStandardOperations)
    for (const [name, operation] of Object.entries(declaration.operations)) {
      for (const built of buildCustomOperation({
        name,
        operation,
        resources,
        report,
        note: context.note,
        audit: context.audit,
      }))
        operations.push(built)
    }
    const model: Model = Object.freeze({
      name: declaration.name,
      ...defined({ description: declaration.description }),
      resources,
      operations: Object.freeze(operations),
      export: context.export,
      vocabulary: vocabularyOf(context),
      notes: Object.freeze(notes),
    })
    for (const resource of resources.values()) checkWrites(resource, report)
    checkNames(model, report)
    checkPolicies(model, report)
    checkNested(model, report)
    checkErrors(declaration.operations, report)
    return model
  })
}

/** All resources speak the words of one `declare`. */
function vocabularyOf({ declaration, report }: BuildContext): VocabularyData {
  const [first, ...others] = Object.entries(declaration.resources)
  if (first === undefined) {
    report('resources', 'is empty; a gateway serves at least one resource.')
    throw new Error('unreachable: a reported mistake ends the build')
  }
  for (const [key, resource] of others) {
    if (resource.vocabulary !== first[1].vocabulary)
      report(`resources.${key}`, `was declared with another \`declare\` than ${first[0]}.`)
  }
  if (first[1].vocabulary.relations !== declaration.relations)
    report('relations', 'are not those that `declare` was given.')
  return first[1].vocabulary
}

function buildResources(context: BuildContext): ReadonlyMap<string, Resource> {
  const { declaration, report } = context
  const byTable = new Map<string, { key: string; read: PolicyNode }>()
  for (const [key, { table, rules }] of Object.entries(declaration.resources)) {
    const other = byTable.get(table)
    if (other !== undefined)
      report(`resources.${key}`, `is the table ${table}, which ${other.key} is already.`)
    byTable.set(table, { key, read: policyOf((rules as AnyRules).access.read) })
  }
  const built = new Map<string, Resource>()
  for (const [key, resource] of Object.entries(declaration.resources)) {
    if (declaration.relations[resource.table] === undefined) {
      report(
        `resources.${key}`,
        `is the table ${resource.table}, which the relations do not have.${didYouMean(resource.table, Object.keys(declaration.relations))}`,
      )
      continue
    }
    const one = buildResource(
      { ...context, relations: declaration.relations, byTable },
      key,
      resource,
    )
    if (one !== null) built.set(key, one)
  }
  const measured = measuredKeys(built)
  return new Map(
    [...built].map(([key, resource]) => [
      key,
      measured.has(key) ? Object.freeze({ ...resource, measured: true }) : resource,
    ]),
  )
}
