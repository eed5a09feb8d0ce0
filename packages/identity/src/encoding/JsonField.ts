import { Schema } from "effect"
import * as Json from "./Json.ts"

/** Has documents show a check as a schema, which says more than the check by itself. */
export const shownAs = (schema: Schema.Constraint) => ({
  toJsonSchema: ({ schemas: [shown = {}] }: { readonly schemas: ReadonlyArray<object> }) => ({
    ...shown,
  }),
  representation: {
    id: "@onymous/identity/JsonField",
    payload: null,
    schemas: [Schema.toEncoded(schema).ast],
  },
})

/** A value of which whatever is wrong is told in the same words, at the field and not inside of it. */
export const told = <T>(
  schema: Schema.Codec<T, unknown>,
  expected: string,
  isRight: (value: unknown) => value is T = Schema.is(schema),
) =>
  Schema.Unknown.pipe(
    Schema.refine(isRight, { message: expected, description: expected, ...shownAs(schema) }),
  ).annotateKey({ messageMissingKey: expected })

/** Objects that `JSON.parse` made, and mended ones, which have no prototype that Effect's schema knows. */
export const JsonObject = told(
  Schema.Record(Schema.String, Schema.Json),
  "a JSON object",
  Json.isObject,
)
