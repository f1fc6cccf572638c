// What a member of a type says of itself, as Pothos takes it.

export interface Described {
  readonly description?: string
  readonly deprecated?: string
}

export const described = ({ description, deprecated }: Described) => ({
  ...(description === undefined ? {} : { description }),
  ...(deprecated === undefined ? {} : { deprecationReason: deprecated }),
})
