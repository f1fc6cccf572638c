// Mistakes of a declaration: collected while the model is built, thrown all at once, each with the file's own names.

/** Where a mistake lies and what it is, such as `product.fields.colour`, `is no column of products`. */
export type Report = (where: string, what: string) => void

/** Every mistake of a declaration at once; a fault of the team's code, never of a caller's request. */
export class ModelError extends Error {
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[]) {
    const count = mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`
    super(
      `The declaration has ${count}:\n${mistakes.map((mistake) => `  - ${mistake}`).join('\n')}`,
    )
    this.name = 'ModelError'
    this.mistakes = mistakes
  }
}

/** Runs `build` with a reporter; throws ModelError when it reported anything. */
export function collectingMistakes<T>(build: (report: Report) => T): T {
  const mistakes: string[] = []
  const mistaken = () => new ModelError([...new Set(mistakes)])
  let built: T
  try {
    built = build((where, what) => mistakes.push(`${where} ${what}`))
  } catch (error) {
    if (mistakes.length > 0) throw mistaken() // what is wrong was said, and led to this
    throw error
  }
  if (mistakes.length > 0) throw mistaken()
  return built
}
