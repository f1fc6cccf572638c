// The foreign keys of a row to be written, as conditions: what it refers to must be there for the caller to see.
import { type Condition, FALSE, TRUE } from '../../db/plan/read-request.ts'
import { columnOf } from '../../db/plan/write-statement.ts'
import type { ForeignKey, Resource } from '../../schema/model/model.ts'
import type { RowValues } from '../parse/parse-rows.ts'
import type { Authorization } from './authorization.ts'
import { mayRead } from './evaluate-policy.ts'
import { anyOf } from './filter-condition.ts'
import type { RowChanges } from './write-context.ts'

/** A row that the caller may not read counts as absent, so a foreign key to it is checked like any other. */
export function foreignKeyChecks(
  authorization: Authorization,
  resource: Resource,
  values: RowValues,
): RowChanges['foreignKeys'] {
  return resource.foreignKeys.flatMap((foreignKey) => {
    const target =
      foreignKey.target === null ? undefined : authorization.model.resources.get(foreignKey.target)
    const given = foreignKey.fields.some((field) => (values.get(field) ?? null) !== null)
    if (target === undefined || !given) return []
    const visible = mayRead(authorization, target)
    if (visible === true) return []
    return [
      {
        foreignKey,
        check: anyOf([
          ...unset(foreignKey),
          visible === false ? FALSE : referredRow(foreignKey, target, visible),
        ]),
      },
    ]
  })
}

/** A foreign key with a null in it refers to nothing. */
const unset = ({ fields }: ForeignKey): readonly Condition[] =>
  fields
    .filter((field) => field.nullable)
    .map((field) => ({ type: 'compare', field, operator: 'isNull', slot: -1 }))

const referredRow = (foreignKey: ForeignKey, target: Resource, visible: Condition): Condition => ({
  type: 'related',
  relation: {
    name: foreignKey.constraint,
    many: false,
    target: target.key,
    nullable: true,
    served: false,
    through: null,
    first: false,
    where: null,
    whereOnSource: false,
    from: foreignKey.fields.map(columnOf),
    to: foreignKey.targetColumns,
  },
  target,
  visible,
  quantifier: 'is',
  of: TRUE,
  through: TRUE,
})
