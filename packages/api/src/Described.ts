import { Schema } from "effect"
import { OpenApi } from "effect/http-api"
import * as Parameters from "./Parameters.ts"

/** Describes an operation in the document of the API, and has an example of its body, if it has one. */
export const described = (description: string, example?: object) =>
  OpenApi.annotations({
    description,
    transform: (operation) => {
      const { requestBody } = operation
      if (requestBody === undefined || example === undefined) return operation
      const content = Object.fromEntries(
        Object.entries(Object(requestBody.content)).map(([type, media]) => [
          type,
          { ...Object(media), example },
        ]),
      )
      return { ...operation, requestBody: { ...requestBody, content } }
    },
  })

const mapValues = (record: object, change: (value: object) => object) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(Object(value))]))

/** What a parameter is, where a query has digits for a number. */
const schemaOf = (name: string, schema: object) => {
  const number = Parameters.numbers[name]
  return number === undefined ? schema : Schema.toJsonSchemaDocument(number).schema
}

/** A parameter with what Effect leaves inside of its schema: the description and an example. */
const ofParameter = (parameter: { readonly name: string; readonly schema: object }) => {
  const { allOf = [], description, examples, ...schema } = Object(parameter.schema)
  const told = Object.assign({ description, examples }, ...allOf)
  const type = schemaOf(parameter.name, schema)
  const [example] = told.examples ?? []
  const isNumber = parameter.name in Parameters.numbers
  return {
    ...parameter,
    description: told.description,
    example: isNumber ? Number(example) : example,
    schema: type,
  }
}

/** An answer that is told as its lines are, where it is a stream of them. */
const ofResponse = (response: object) => {
  const { description, content = {} } = Object(response)
  const [media] = Object.values(Object(content))
  const told = description === "Success" ? Object(media).schema?.description : undefined
  return { ...response, description: told ?? description }
}

const ofOperation = (operation: object) => {
  const { parameters = [], responses, ...rest } = Object(operation)
  return {
    ...rest,
    parameters: parameters.map(ofParameter),
    responses: mapValues(Object(responses), ofResponse),
  }
}

/** The document of the API as its readers expect it: parameters described, numbers as numbers. */
export const document = (spec: Record<string, unknown>) => {
  const { components } = spec
  const { securitySchemes, ...others } = Object(components)
  return {
    ...spec,
    paths: mapValues(Object(spec["paths"]), (path) => mapValues(path, ofOperation)),
    components: {
      ...others,
      // As the registry of HTTP has it, and as tools compare it.
      securitySchemes: mapValues(Object(securitySchemes), (scheme) => ({
        ...scheme,
        scheme: "bearer",
        description: "The secret key of the project, or the operator's",
      })),
    },
  }
}
