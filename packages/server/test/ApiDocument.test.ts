import { expect, layer } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { OpenApi } from "effect/http-api"
import { describe, it } from "vitest"
import { Api } from "@onymous/api/Api"
import { ask, memory, operate, operatorKey, question, send } from "./serverSupport.ts"

const AnyObject = Schema.Record(Schema.String, Schema.Unknown)

const Parameter = Schema.Struct({
  name: Schema.String,
  in: Schema.Literals(["path", "query", "header"]),
  required: Schema.Boolean,
  description: Schema.NonEmptyString,
  example: Schema.Union([Schema.String, Schema.Number]),
  schema: AnyObject,
})

const Content = Schema.Record(
  Schema.String,
  Schema.Struct({ schema: AnyObject, example: Schema.optionalKey(AnyObject) }),
)

const Operation = Schema.Struct({
  operationId: Schema.String,
  description: Schema.NonEmptyString,
  parameters: Schema.Array(Parameter),
  requestBody: Schema.optionalKey(Schema.Struct({ content: Content })),
  responses: Schema.Record(
    Schema.String,
    Schema.Struct({ description: Schema.NonEmptyString, content: Content }),
  ),
})

type Operation = typeof Operation.Type

const Document = Schema.Struct({
  paths: Schema.Record(Schema.String, Schema.Record(Schema.String, Operation)),
  components: Schema.Struct({ securitySchemes: Schema.Unknown }),
})

const document = Schema.decodeUnknownSync(Document)(OpenApi.fromApi(Api))

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    operation,
    path,
    method: method.toUpperCase(),
    name: operation.operationId,
  })),
)

const object = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? { ...value } : {}

const list = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

/** The alternatives of a schema, or the schema alone. */
const alternatives = (schema: unknown): ReadonlyArray<unknown> => {
  const { anyOf, oneOf } = object(schema)
  const all = [...list(anyOf), ...list(oneOf)]
  return all.length === 0 ? [schema] : all
}

const isDescribed = (schema: unknown): boolean =>
  [schema, ...alternatives(schema)].some((each) => typeof object(each)["description"] === "string")

/** The places at which a schema says nothing of a value, or of its type. */
const silent = (schema: unknown, place: string): ReadonlyArray<string> =>
  alternatives(schema).flatMap((each) => {
    const { properties = {}, items, ...rest } = object(each)
    const own = Object.keys(object(each)).length === 0 ? [place] : []
    const isEmptyList = object(each)["type"] === "array" && items === undefined
    return [
      ...own,
      ...(isEmptyList && rest["prefixItems"] === undefined ? [`${place}[]`] : []),
      ...(items === undefined ? [] : silent(items, `${place}[]`)),
      ...Object.entries(object(properties)).flatMap(([name, property]) => [
        ...(isDescribed(property) ? [] : [`${place}.${name}`]),
        ...silent(property, `${place}.${name}`),
      ]),
    ]
  })

describe("the document of the API", () => {
  it("has operations", () => {
    expect(operations.length).toBeGreaterThan(25)
  })

  it.each(operations)(
    "$name says of each parameter what it is, with an example",
    ({ operation }) => {
      for (const { name, schema, example } of operation.parameters) {
        expect({ name, pattern: schema["pattern"] }).toEqual({ name, pattern: undefined })
        expect({ name, type: schema["type"] }).toEqual({
          name,
          type: typeof example === "number" ? "integer" : "string",
        })
        if (schema["enum"] !== undefined) expect(schema["enum"]).toContain(example)
      }
    },
  )

  it.each(operations)("$name says what its body and its answer hold, field by field", (each) => {
    const { requestBody, responses } = each.operation
    for (const [type, { schema, example }] of Object.entries(requestBody?.content ?? {})) {
      expect(Object.keys(object(schema["properties"]))).not.toEqual([])
      expect(Object.keys(object(schema["properties"]))).toEqual(
        expect.arrayContaining(Object.keys(example ?? { none: type })),
      )
      expect(silent(schema, "body")).toEqual([])
    }
    const answered = responses["200"]
    expect(answered?.description).not.toBe("Success")
    for (const { schema } of Object.values(answered?.content ?? {})) {
      expect(
        alternatives(schema).map((each) => Object.keys(object(object(each)["properties"]))),
      ).not.toContainEqual([])
      expect(silent(schema, "answer")).toEqual([])
    }
  })

  it("names the scheme of the keys as tools know it", () => {
    expect(document.components.securitySchemes).toMatchObject({
      bearer: { type: "http", scheme: "bearer" },
    })
  })
})

const uuid = "00000000-0000-4000-8000-000000000003"

/** What the examples are about: alice has logged in on two devices, and bob is somebody else. */
const story = Layer.effectDiscard(
  Effect.gen(function* () {
    const identify = (distinct_id: string, anonymous: string, uuid?: string) => ({
      event: "$identify",
      distinct_id,
      properties: { $anon_distinct_id: anonymous, $set: { plan: "free" } },
      ...(uuid !== undefined && { uuid }),
    })
    yield* send(identify("bob", "bob-phone"))
    yield* send(identify("alice", "alice-laptop"))
    yield* send(identify("alice", "alice-phone", uuid))
    yield* operate("PATCH policy", { buffer_enabled: false })
  }),
)

/** Asks an operation with its examples, including those of these optional parameters. */
const exampleOf = (
  { operation, path, method }: (typeof operations)[number],
  optional: ReadonlyArray<string>,
) => {
  const given = operation.parameters.filter(
    ({ name, required }) => required || optional.includes(name),
  )
  const address = given.reduce(
    (text, each) => (each.in === "path" ? text.replace(`{${each.name}}`, `${each.example}`) : text),
    path,
  )
  const query = new URLSearchParams(
    given
      .filter((each) => each.in === "query")
      .map(({ name, example }): [string, string] => [name, `${example}`]),
  )
  const [[type = "", { example: body = undefined } = {}] = []] = Object.entries(
    operation.requestBody?.content ?? {},
  )
  return ask(`${address}?${query}`, {
    method,
    headers: {
      authorization: `Bearer ${operatorKey}`,
      ...(body !== undefined && { "content-type": type }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

/** A stream that never ends, a demo for an empty log alone, and a code that works once: each has its own test. */
const askedElsewhere = new Set(["timeline.live", "page.demo", "session.signIn"])

const asked = operations
  .filter(({ name }) => !askedElsewhere.has(name))
  .flatMap((each) => [
    { ...each, optional: [] },
    ...each.operation.parameters.flatMap(({ name, required }) =>
      required ? [] : [{ ...each, optional: [name] }],
    ),
  ])

describe("an example of the document", () => {
  for (const each of asked) {
    layer(story.pipe(Layer.provideMerge(Layer.fresh(memory))), { excludeTestServices: true })(
      `${each.name}`,
      (it) => {
        it.effect(`is answered as it stands: ${each.optional.join() || "with what it needs"}`, () =>
          Effect.gen(function* () {
            const head = JSON.parse((yield* question("status")).text).head
            yield* question(`status?min_position=${head}`)
            const { status, text } = yield* exampleOf(each, each.optional)
            expect({ status, text }).toMatchObject({ status: 200 })
            expect(text).not.toContain('"error"')
          }),
        )
      },
    )
  }
})
