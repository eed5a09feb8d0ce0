import { Effect, Option, Stream } from "effect"
import { Command, Flag } from "effect/cli"
import * as Commands from "@onymous/identity/event/OperatorCommand"
import type { Event } from "@onymous/identity/event/Event"
import type * as Json from "@onymous/identity/encoding/Json"
import { Position } from "@onymous/identity/event/Position"
import { EventLog } from "@onymous/log/EventLog"
import { endless } from "../../Endless.ts"
import * as Answer from "../../output/Answer.ts"
import {
  database,
  json,
  onDatabase,
  project,
  projectIn,
  within,
} from "../../flags/DatabaseFlags.ts"

/** Shows events as the log takes them. */
export const tail = Command.make(
  "tail",
  {
    ...database,
    project,
    after: Flag.Int("after").pipe(
      within(0),
      Flag.withDescription("Begin after this position; the end of the log by default"),
      Flag.optional,
    ),
    limit: Flag.Int("limit").pipe(
      within(1),
      Flag.withDescription("Stop after so many"),
      Flag.optional,
    ),
    json,
  },
  Effect.fn(function* ({ project: wanted, after, limit, json: asJson, ...location }) {
    const program = Effect.gen(function* () {
      const log = yield* EventLog
      const id = yield* projectIn(wanted)
      const head = yield* log.head(id)
      const from = Position(Option.getOrElse(after, () => head.position))
      yield* log.tail({ project: id, after: from }).pipe(
        Stream.take(Option.getOrElse(limit, () => Number.MAX_SAFE_INTEGER)),
        Stream.runForEach(({ position, recordedAt, event }) => {
          const received_at = new Date(recordedAt).toISOString()
          const form = { position, received_at, event_uuid: event.uuid, ...describe(event) }
          return Answer.print(form, asJson, () => [lineOf(form, event)])
        }),
      )
    })
    yield* onDatabase(location, program)
  }, endless),
).pipe(Command.withDescription("Show events as they come"))

/** An event of a client by its ids, any other one as the JSON of what it says. */
const lineOf = ({ position, received_at, event_uuid, ...said }: Form, event: Event): string => {
  const place = `${position}  ${received_at}  `
  if (event._tag !== "Captured") return `${place}${JSON.stringify(said)}`
  const source = event.source === undefined ? "" : `  ← ${event.source}`
  return `${place}${event.name}  ${event.distinctId}${source}  ${event_uuid}`
}

interface Form extends Json.JsonObject {
  readonly position: Position
  readonly received_at: string
  readonly event_uuid: string
}

const describe = (event: Event): Json.JsonObject => {
  switch (event._tag) {
    case "Captured": {
      const { name, distinctId, source } = event
      return { event: name, distinct_id: distinctId, ...(source !== undefined && { source }) }
    }
    case "PolicyChanged":
      return { event: "policy", policy: { ...event.change } }
    case "Ticked":
      return { event: "tick" }
    default:
      return Commands.encode(event)
  }
}
