import { Schema } from "effect"
import * as CommandFields from "@onymous/identity/event/CommandFields"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import { Point } from "../Parameters.ts"
import * as LogBody from "./LogBody.ts"
import { PolicyChange } from "./PolicyBody.ts"

/** An edit of the log, for a what-if. */
export const WhatIf = CommandFields.of({
  without: Schema.optional(
    Schema.Array(Schema.String).annotate({ message: "a list of uuids of events" }),
  ),
  insert: Schema.optional(Schema.Array(Schema.Json).annotate({ message: "a list of events" })),
  policy: Schema.optional(LogBody.of(PolicyChange)),
  from: Schema.optional(Schema.Union([Point, Schema.Int])),
})

/** The event to retract; `by` and `reason` are optional, as nothing is written. */
export const RetractionPreview = LogBody.of(OperatorCommand.PreviewBody)
