import { Console, Effect, Option, Result } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import * as Commands from "@onymous/identity/event/OperatorCommand"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { OperatorActions } from "@onymous/projector/OperatorActions"
import * as ChangeForms from "@onymous/api/forms/ChangeForms"
import { TimeTravel } from "@onymous/timetravel/questions/TimeTravel"
import { catchUp, projectNow } from "../../CaughtUp.ts"
import * as Answer from "../../output/Answer.ts"
import { differenceText } from "../../output/DifferenceText.ts"
import { WrongUse } from "../../CommandError.ts"
import { database, json, onDatabase, project } from "../../flags/DatabaseFlags.ts"

const text = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.optional)

/** Undoes an event from here on, and shows the difference. */
export const retract = Command.make(
  "retract",
  {
    uuid: Argument.String("uuid").pipe(
      Argument.withDescription("The event's uuid, or that of a retraction to have it back"),
    ),
    ...database,
    project,
    by: text("by", "Who retracts it"),
    reason: text("reason", "Why"),
    preview: Flag.Boolean("preview").pipe(
      Flag.withDescription("Show what it would change, and write nothing"),
      Flag.withDefault(false),
    ),
    json,
  },
  Effect.fn(function* (given) {
    const { by, reason } = given
    const decoded = Commands.decodeRetraction({
      event_uuid: given.uuid,
      by: Option.getOrElse(by, () => (given.preview ? "preview" : null)),
      reason: Option.getOrElse(reason, () => (given.preview ? "preview" : null)),
    })
    if (Result.isFailure(decoded)) {
      const { field, expected } = decoded.failure
      return yield* new WrongUse({ message: `${field}: expected ${expected}` })
    }
    const { difference, ...facts } = yield* onDatabase(
      given,
      Effect.gen(function* () {
        yield* catchUp(given.project)
        const past = yield* TimeTravel
        if (!given.preview) return yield* retracted(given.project, decoded.success)
        return { difference: yield* past.previewRetraction(given.project, given.uuid) }
      }),
    )
    const answer = { ...facts, ...ChangeForms.difference(given.project, difference) }
    yield* Answer.print(answer, given.json, (form, width) => [
      ...toldOf(form),
      ...differenceText(form, width),
    ])
  }),
).pipe(Command.withDescription("Undo an event from here on; the log and the past stay as they are"))

interface Facts {
  readonly position?: Position
  readonly event_uuid?: string
}

const toldOf = ({ position, event_uuid }: Facts): ReadonlyArray<string> =>
  position === undefined ? [] : [`Retracted at position ${position}, by event ${event_uuid}.`]

const retracted = Effect.fnUntraced(function* (project: ProjectId, wanted: Commands.Retraction) {
  const { position, uuid } = yield* (yield* OperatorActions).retract(project, wanted)
  const effect = Effect.andThen(
    projectNow(project),
    Effect.flatMap(TimeTravel, (past) => past.effectOf(project, position)),
  )
  // The retraction is in the log by now, so that whoever cancels the rest must know of it.
  const difference = yield* Effect.onInterrupt(effect, () =>
    Console.error(toldOf({ position, event_uuid: uuid }).join("\n")),
  )
  return { position, event_uuid: uuid, difference }
})
