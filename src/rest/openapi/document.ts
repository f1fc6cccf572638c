// Assembles the OpenAPI 3.1 document from the descriptions of the routes.
import type { Limits } from '../../engine/parse/limits.ts'
import type { Model } from '../../schema/model/model.ts'
import type { DescribedRoute, JsonObject, OperationObject } from './description.ts'
import { declaredErrors, declaredSchemas } from './errors.ts'
import { type ExtensionDocument, describeExtension } from './extension.ts'
import { toOperation } from './operation.ts'
import { parameters } from './parameters.ts'
import { headers, responses } from './responses.ts'
import { buildSchemas } from './schemas/component-schemas.ts'
import { securitySchemes } from './security.ts'

/** What the document says about the API itself. */
export interface OpenapiInfo {
  readonly version?: string
  readonly contact?: { readonly name?: string; readonly url?: string; readonly email?: string }
  readonly license?: { readonly name: string; readonly identifier?: string; readonly url?: string }
}

export interface OpenapiOptions extends OpenapiInfo {
  /** The prefix of every route. */
  readonly prefix: string
  /** Those of the engine; its defaults unless given. */
  readonly limits?: Pick<Limits, 'together'>
  /** Hand-written routes as @fastify/swagger describes them, by paths with the prefix. */
  readonly extensionPaths?: ExtensionDocument
}

type Operations = Readonly<Record<string, Pick<OperationObject, 'tags'>>>

/**
 * Builds the document; the same model gives the same text.
 * @param routes every route of the model: see buildRoutes
 */
export function buildOpenapi(
  model: Model,
  routes: readonly DescribedRoute[],
  options: OpenapiOptions,
): JsonObject {
  const own = buildSchemas(model, options.limits)
  const schemas = { ...own, ...declaredSchemas(declaredErrors(routes), own['Problem'] ?? {}) }
  const paths: Record<string, Operations> = {}
  for (const route of routes) {
    const path = options.prefix + route.path
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: toOperation(route, schemas) }
  }
  for (const [path, item] of Object.entries(options.extensionPaths ?? {}))
    paths[path] = { ...paths[path], ...describeExtension(path, item) }
  const components = { schemas, parameters, headers, responses }
  return {
    openapi: '3.1.0',
    info: describeApi(model, options),
    servers: [{ url: '/' }],
    tags: tagsOf(model, paths),
    paths,
    components: { ...usedOf(paths, components), securitySchemes },
  }
}

const describeApi = (
  { name, description = `The REST API of ${name}.` }: Model,
  { version = '1.0.0', contact = { name }, license = noLicense }: OpenapiInfo,
): JsonObject => ({ title: name, version, description, contact, license })

const noLicense = { name: 'All rights reserved', identifier: 'LicenseRef-All-rights-reserved' }

/** Tags of the resources that have operations, then those of other operations. */
function tagsOf(model: Model, paths: Readonly<Record<string, Operations>>): readonly JsonObject[] {
  const used = new Set(
    Object.values(paths)
      .flatMap((item) => Object.values(item))
      .flatMap(({ tags }) => tags),
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

type Components = Readonly<Record<string, JsonObject>>

/** The components that something refers to, in the order of their declaration. */
function usedOf(paths: JsonObject, components: Components): Components {
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
