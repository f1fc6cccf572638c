// The authorization of an export, beyond that of the same list: every resource whose rows are in it must allow exports.
import type { Level } from '../../db/plan/read-request.ts'
import type { Issue } from '../../errors.ts'
import type { Resource } from '../../schema/model/model.ts'
import {
  type Authorization,
  policyFault,
  refusal,
  refuse,
  throwRefused,
} from '../authorize/authorization.ts'
import { evaluatePolicy } from '../authorize/evaluate-policy.ts'

/**
 * @param rows the rows that are exported, with what is selected of them
 * @throws Problem UNAUTHENTICATED or FORBIDDEN
 */
export function authorizeExport(authorization: Authorization, rows: Level): void {
  const { resource } = rows
  if (!mayExport(authorization, resource))
    throw refusal(
      authorization.caller,
      `You may not export ${resource.plural}.`,
      policyFault(authorization),
    )
  refuseIncluded(authorization, rows, [])
  throwRefused(authorization)
}

/** An export of rows is also one of the rows that they include. */
function refuseIncluded(authorization: Authorization, level: Level, path: Issue['path']): void {
  for (const { relation, level: below } of [...level.toOne, ...level.toMany]) {
    const at = [...path, relation.name]
    if (!mayExport(authorization, below.resource))
      refuse(authorization, 'fields', at, `${relation.name} in an export`)
    refuseIncluded(authorization, below, at)
  }
}

const mayExport = (authorization: Authorization, { key, export: { access } }: Resource): boolean =>
  evaluatePolicy(authorization, access, { place: `${key}.export` }) === true
