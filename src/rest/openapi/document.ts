// The OpenAPI 3.1 document: everything REST serves, from the model and the schemas that check requests.
import type { Limits } from '../../engine/parse/limits.ts'
import type { Model } from '../../schema/model/model.ts'
import { declaredSchemas } from './errors.ts'
import { describeOperations } from './operations.ts'
import {
  errorRefs,
  headerRefs,
  headers,
  parameters,
  responses,
  securitySchemes,
} from './components.ts'
import { buildSchemas } from './schemas/component-schemas.ts'
import type { ExtensionDocument } from '../routes/hand-written.ts'

/** What the document says about the API itself. */
export interface OpenapiInfo {
  readonly version?: string
  readonly contact?: { readonly name?: string; readonly url?: string; readonly email?: string }
  readonly license?: { readonly name: string; readonly identifier?: string; readonly url?: string }
}

export interface OpenapiOptions extends OpenapiInfo {
  readonly prefix: string
  /** Those of the engine, unless they are its usual ones. */
  readonly limits?: Pick<Limits, 'together'>
  /** Paths of hand-written routes (see hand-written.ts), prefix and all. */
  readonly extensionPaths?: ExtensionDocument
}

type Part = Readonly<Record<string, unknown>>

/** Builds the document; the same model gives the same text. */
export function buildOpenapi(model: Model, options: OpenapiOptions): Part {
  const own = buildSchemas(model, options.limits)
  const schemas = { ...own, ...declaredSchemas(model, own) }
  const paths: Record<string, Record<string, unknown>> = {}
  for (const { path, method, operation } of describeOperations(model, schemas)) {
    ;(paths[options.prefix + path] ??= {})[method] = operation
  }
  for (const [path, item] of Object.entries(options.extensionPaths ?? {})) {
    paths[path] = { ...paths[path], ...describeExtensionPath(path, item) }
  }
  const components = { schemas, parameters, headers, responses }
  return {
    openapi: '3.1.0',
    info: {
      title: model.name,
      version: options.version ?? '1.0.0',
      description: model.description ?? `The REST API of ${model.name}.`,
      contact: options.contact ?? { name: model.name },
      license: options.license ?? {
        name: 'All rights reserved',
        identifier: 'LicenseRef-All-rights-reserved',
      },
    },
    servers: [{ url: '/' }],
    tags: tagsOf(model, paths),
    paths,
    components: { ...usedOf(paths, components), securitySchemes },
  }
}

/** Tags of the resources that have operations, then those of other operations. */
function tagsOf(model: Model, paths: Part): readonly Part[] {
  const used = new Set(
    Object.values(paths)
      .flatMap((item) => Object.values(item as Part)) // a path item holds operations
      .flatMap((operation) => (operation as { readonly tags?: readonly string[] }).tags ?? []),
  )
  const known = [...model.resources.values()].map(({ type, plural, description }) => ({
    name: type,
    description: description ?? `Operations on ${plural}.`,
  }))
  const others = [...used]
    .filter((name) => known.every((tag) => tag.name !== name))
    .map((name) => ({ name, description: `${name} of this API.` }))
  return [...known.filter((tag) => used.has(tag.name)), ...others]
}

/** A hand-written route, with what it leaves unsaid. */
function describeExtensionPath(path: string, item: Part): Part {
  return Object.fromEntries(
    Object.entries(item).map(([method, operation]) => {
      const said = operation as Part // a path item holds operations
      const about =
        typeof said['summary'] === 'string' ? said['summary'] : `${method.toUpperCase()} ${path}`
      return [
        method,
        {
          operationId: `${method}${path.replaceAll(/[^A-Za-z0-9]+/g, '_')}`,
          tags: ['Operations'],
          summary: about,
          description: about,
          security: [{}, ...Object.keys(securitySchemes).map((name) => ({ [name]: [] }))],
          ...said,
          responses: {
            ...withHeaders(said['responses'] as Readonly<Record<string, Part>> | undefined),
            ...errorRefs(...(said['requestBody'] === undefined ? [] : [413, 415])),
          },
        },
      ]
    }),
  )
}

/** Every answer of the server has these, whoever wrote its route. */
const withHeaders = (said: Readonly<Record<string, Part>> = {}): Part =>
  Object.fromEntries(
    Object.entries(said).map(([status, response]) => [
      status,
      '$ref' in response
        ? response
        : {
            ...response,
            headers: { ...(response['headers'] as Part | undefined), ...headerRefs() },
          },
    ]),
  )

type Components = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** Components that something refers to, in the order of their declaration. */
function usedOf(paths: Part, components: Components): Components {
  const used = new Set<string>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [name, member] of Object.entries(value)) {
      if (name !== '$ref' || typeof member !== 'string') visit(member)
      else if (!used.has(member)) {
        used.add(member)
        const [section = '', part = ''] = member.split('/').slice(2)
        visit(components[section]?.[part])
      }
    }
  }
  visit(paths)
  return Object.fromEntries(
    Object.entries(components).map(([section, parts]) => [
      section,
      Object.fromEntries(
        Object.entries(parts).filter(([name]) => used.has(`#/components/${section}/${name}`)),
      ),
    ]),
  )
}
