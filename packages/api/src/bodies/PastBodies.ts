import { Schema } from "effect"
import * as CommandFields from "@onymous/identity/event/CommandFields"
import * as RetractionRequest from "@onymous/identity/event/RetractionRequest"
import { Point } from "../Parameters.ts"
import * as LogBody from "./LogBody.ts"
import { PolicyChange } from "./PolicyBody.ts"

/** An edit of the log, for a what-if. */
export const WhatIf = CommandFields.of({
  without: Schema.optional(
    Schema.Array(Schema.String).annotate({
      message: "a list of uuids of events",
      description: "The uuids of events that had not come",
    }),
  ),
  insert: Schema.optional(
    Schema.Array(
      LogBody.Parsed.annotate({ description: "An event, as capture takes it" }),
    ).annotate({
      message: "a list of events",
      description: "Events that had come",
    }),
  ),
  policy: Schema.optional(LogBody.of(PolicyChange)),
  from: Schema.optional(
    Schema.Union([Point, Schema.Int]).annotate({
      description: "From here on: a position, an ISO time, an event's uuid, or 2h ago",
    }),
  ),
})

/** The event to retract; `by` and `reason` are optional, as nothing is written. */
export const RetractionPreview = LogBody.of(RetractionRequest.PreviewBody)
