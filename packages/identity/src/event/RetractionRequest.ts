import { Result, Schema } from "effect"
import { ofSchema } from "../schema/SchemaInvalid.ts"
import type { Invalid } from "../encoding/Invalid.ts"
import * as Json from "../encoding/Json.ts"
import * as Uuid from "../encoding/Uuid.ts"
import * as CommandFields from "./CommandFields.ts"

/** The fields of a retraction. */
export const fields = {
  event_uuid: CommandFields.EventUuid,
  by: CommandFields.textThat("who retracts"),
  reason: CommandFields.textThat("why it is retracted"),
}

/** Asks for a retraction; the log knows the ids of the event. */
export const Body = CommandFields.nullable(CommandFields.of(fields))

/** Asks for the effect of a retraction, before anybody has a reason for it. */
export const PreviewBody = CommandFields.nullable(
  CommandFields.of({
    event_uuid: fields.event_uuid,
    by: Schema.optionalKey(CommandFields.Text),
    reason: Schema.optionalKey(CommandFields.Text),
  }),
)

/** The event to undo, the operator and the reason. */
export interface Retraction {
  readonly eventUuid: string
  readonly by: string
  readonly reason: string
}

export const of = (body: typeof Body.Type): Retraction => ({
  eventUuid: Uuid.normalised(body.event_uuid) ?? body.event_uuid,
  by: body.by,
  reason: body.reason,
})

const decodeBody = Schema.decodeUnknownResult(Body)

/** Reads `{event_uuid, by, reason}`; the error names the field that is wrong. */
export const decode = (given: Json.JsonObject): Result.Result<Retraction, Invalid> =>
  Result.mapBoth(decodeBody(Json.clean(given)), {
    onFailure: (error) => ofSchema(error, "body"),
    onSuccess: of,
  })
