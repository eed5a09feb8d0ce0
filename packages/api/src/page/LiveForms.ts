import { Schema } from "effect"
import { OpenApi } from "effect/http-api"
import { At, Count } from "../forms/Listing.ts"

const Block = Schema.Struct({
  position: At.annotate({ description: "The first of the thousand positions" }),
  born: Count,
  attached: Count,
  merged: Count,
  lost: Count,
  refused: Count,
  warned: Count,
  apart: Count,
  held: Count,
  released: Count,
  versions: Count,
}).annotate({ description: "What became true at a thousand positions, as `activity` counts it" })

/** Where log and persons are now, and which counts have changed. */
const Update = Schema.Struct({
  head: At.annotate({ description: "Where the log ends" }),
  checkpoint: At.annotate({ description: "The position of the persons" }),
  since: At.annotate({
    description:
      "What changed after this position is told: more may have, where the last answer was before it",
  }),
  time: Schema.Int.annotate({
    description: "When the last event came, in epoch milliseconds; 0 where there is none",
    examples: [1_666_699_200_000],
  }),
  rate: Schema.Finite.annotate({
    description: "How many events a second came in the last minute",
    examples: [2.5],
  }),
  waiting: Count.annotate({ description: "How many events wait; at most 10,000 are counted" }),
  blocks: Schema.Array(Block).annotate({
    description: "The counts that have changed, as they are now",
  }),
}).annotate({ description: "Where log and persons are now" })

export type Update = typeof Update.Type

/** An update as a server-sent event; its id is the position of the persons. */
export const LiveEvent = Schema.Struct({
  id: Schema.String.annotate({ description: "The position of the persons", examples: ["3"] }),
  event: Schema.Literals(["update"]).annotate({ description: "What it is" }),
  data: Schema.fromJsonString(Update),
})

/** An update as an event. */
export const liveEvent = (data: Update): typeof LiveEvent.Type => ({
  id: `${data.checkpoint}`,
  event: "update",
  data,
})

/** Describes an operation whose answer is updates: Effect's document says nothing of what they hold. */
export const answeredInUpdates = (description: string) =>
  OpenApi.annotations({
    description,
    transform: (operation) => {
      const { schema } = Schema.toJsonSchemaDocument(Update)
      const answer = {
        description: "An event for each update; its data is JSON",
        content: { "text/event-stream": { schema } },
      }
      return { ...operation, responses: { ...Object(operation.responses), 200: answer } }
    },
  })
