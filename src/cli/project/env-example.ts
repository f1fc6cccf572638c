// .env.example: every variable of the configuration with what it means, generated from its schema.
import { configReference } from '../../server/config/config.ts'

/** Lines that do nothing until their `#` is taken away. */
export function toEnvExample(): string {
  const blocks = configReference.map(({ name, description, allowed, default: preset, example }) => {
    const value = typeof preset === 'object' ? preset.development : preset
    const notes = [...wrap(`${description} Must be ${allowed}.`), ...toDefaults(preset)]
    return `${notes.map((line) => `# ${line}\n`).join('')}#${name}=${value ?? example}\n`
  })
  return `# Every setting there is. Copy this file to .env and take away the # of what you set; the environment wins over .env.\n\n${blocks.join('\n')}`
}

function toDefaults(preset: (typeof configReference)[number]['default']): readonly string[] {
  if (preset === undefined) return []
  if (typeof preset === 'string') return [`Default: ${preset}`]
  return [
    `Default: ${Object.entries(preset)
      .map(([mode, value]) => `${value} in ${mode}`)
      .join(', ')}`,
  ]
}

const WIDTH = 110

function wrap(text: string): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length + 1 > WIDTH) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
