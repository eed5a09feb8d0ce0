import { Schema } from "effect"
import { OpenApi } from "effect/http-api"
import { EventName, EventUuid, Id, Project, Properties, text, Time } from "./Listing.ts"

/** A line of a file of events, as documents show it. */
const Line = Schema.Struct({
  event: EventName,
  distinct_id: Id,
  properties: Schema.optionalKey(Properties),
  uuid: Schema.optionalKey(EventUuid),
  timestamp: Schema.optionalKey(Time.annotate({ description: "When it was, by its client" })),
  received_at: Schema.optionalKey(Time.annotate({ description: "When the log took it" })),
  project: Schema.optionalKey(Project),
  policy: Schema.optionalKey(
    Properties.annotate({ description: "In place of an event: a change of the policy" }),
  ),
  api: Schema.optionalKey(text("In place of an event: an operator's act", "persons.split")),
}).annotate({ description: "A line for each event, as files of events have them" })

/** Made where a document is told alone: a page that asks has no use for it. */
const schemaOfLine = () => Schema.toJsonSchemaDocument(Line).schema

const example = { event: "$identify", distinct_id: "alice", project: "1" }

/** What the type of lines is sent as. */
export const contentType = "application/x-ndjson"

/** Describes an operation whose answer is lines of events: Effect's document has bytes there. */
export const answeredInLines = (description: string) =>
  OpenApi.annotations({
    description,
    transform: (operation) => {
      const { responses } = operation
      const answer = {
        description: "A line for each event",
        content: { [contentType]: { schema: schemaOfLine() } },
      }
      return { ...operation, responses: { ...Object(responses), 200: answer } }
    },
  })

/** Describes an operation whose body is lines of events. */
export const sentInLines = (description: string) =>
  OpenApi.annotations({
    description,
    transform: (operation) => ({
      ...operation,
      requestBody: {
        required: true,
        content: { [contentType]: { schema: schemaOfLine(), example } },
      },
    }),
  })
