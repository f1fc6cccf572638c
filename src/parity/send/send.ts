// Requests in the words of both faces.
import type { Model, Operation } from '../../schema/model/model.ts'
import type { Spoken } from './exchange.ts'
import { readGraphql, readGraphqlTogether } from './read-graphql.ts'
import { readRest, readRestTogether } from './read-rest.ts'
import type { Asked, ParityTogether } from '../request.ts'
import { toGraphql, toGraphqlTogether } from './to-graphql.ts'
import { type RestPlace, toRest, toRestTogether } from './to-rest.ts'

export function speak(place: RestPlace, asked: Asked): Spoken {
  const { model } = place
  const { operation, request } = asked
  const isWrite = operation.kind === 'mutation'
  return {
    caller: request.caller,
    isWrite,
    keyed: isWrite && request.style.keyed,
    graphql: toGraphql(model, operation, request),
    rest: toRest(place, operation, request),
    readGraphql: (body) => readGraphql(model, asked, body),
    readRest: (answer) => readRest(model, asked, answer),
  }
}

export function speakTogether(
  place: RestPlace,
  asked: readonly Asked[],
  { caller, keyed }: ParityTogether,
): Spoken {
  const { model } = place
  return {
    caller,
    isWrite: true,
    keyed,
    graphql: toGraphqlTogether(model, asked),
    rest: toRestTogether(place, asked),
    readGraphql: (body) => readGraphqlTogether(model, asked, body),
    readRest: (answer) => readRestTogether(model, asked, answer),
  }
}

/** @throws where the model has no such operation */
export function findOperation(model: Model, name: string): Operation {
  const operation = model.operations.find((one) => one.name === name)
  if (operation === undefined) throw new Error(`The model has no operation ${name}.`)
  return operation
}
