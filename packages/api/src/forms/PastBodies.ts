import { Result, Schema } from "effect"
import type * as Policy from "@onymous/identity/policy/Policy"
import * as PolicyChanges from "@onymous/identity/policy/PolicyChange"
import { Point } from "../Parameters.ts"

/** The fields of a body; one that is not among them is refused by its name, because it would change nothing. */
const bodyOf = <Fields extends Schema.Struct.Fields>(fields: Fields) =>
  Schema.Struct(fields).annotate({ messageUnexpectedKey: "no such field" })

const isPolicyChange = (value: unknown): value is Policy.PolicyChange =>
  Result.isSuccess(PolicyChanges.decode(value))

/** Fields of a policy: what is wrong is told by the field, as the policy's own decoder tells it. */
const PolicyChange = Schema.Json.check(
  Schema.makeFilter((value) => {
    const read = PolicyChanges.decode(value)
    if (Result.isSuccess(read)) return undefined
    const { field, expected } = read.failure
    return { path: [field], issue: expected }
  }),
).pipe(Schema.refine(isPolicyChange))

/** Another past. */
export const WhatIf = bodyOf({
  without: Schema.optional(
    Schema.Array(Schema.String).annotate({ message: "a list of uuids of events" }),
  ),
  insert: Schema.optional(Schema.Array(Schema.Json).annotate({ message: "a list of events" })),
  policy: Schema.optional(PolicyChange),
  from: Schema.optional(Schema.Union([Point, Schema.Int])),
})

/** Which event would be retracted; who and why may be given, as for the retraction itself. */
export const RetractionPreview = bodyOf({
  event_uuid: Schema.String.annotateKey({ messageMissingKey: "the uuid of an event" }),
  by: Schema.optional(Schema.Json),
  reason: Schema.optional(Schema.Json),
})
