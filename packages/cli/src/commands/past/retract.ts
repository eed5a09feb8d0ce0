import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type * as ProjectForms from "@onymous/api/forms/ProjectForms"
import * as RetractionRequest from "@onymous/identity/event/RetractionRequest"
import * as ActBody from "../../asking/ActBody.ts"
import { answer } from "../../asking/Ask.ts"
import { named } from "../../asking/AskingError.ts"
import { differenceText } from "../../output/DifferenceText.ts"
import { acting } from "../../flags/SourceFlags.ts"

const text = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.optional)

/** Undoes an event from here on, and shows the difference. */
export const retract = Command.make(
  "retract",
  {
    uuid: Argument.String("uuid").pipe(
      Argument.withDescription("The event's uuid, or that of a retraction to have it back"),
    ),
    ...acting,
    by: text("by", "Who retracts it"),
    reason: text("reason", "Why"),
    preview: Flag.Boolean("preview").pipe(
      Flag.withDescription("Show what it would change, and write nothing"),
      Flag.withDefault(false),
    ),
  },
  Effect.fn(function* (given) {
    const names = named({ event_uuid: "UUID" })
    const body = {
      event_uuid: given.uuid,
      by: Option.getOrNull(given.by),
      reason: Option.getOrNull(given.reason),
    }
    const preview = yield* ActBody.read(RetractionRequest.PreviewBody, body, names)
    const payload = given.preview
      ? undefined
      : yield* ActBody.read(RetractionRequest.Body, body, names)
    yield* answer(given, {
      // The difference is read first, because a retracted event has no preview.
      question: ({ past, operations, params, settled }) =>
        Effect.gen(function* () {
          const difference = yield* past.previewRetraction({ params, query: {}, payload: preview })
          if (payload === undefined) return difference
          const retracted = yield* operations.retract({ params, query: {}, payload })
          // A user who cancels the wait must learn that the retraction is in the log already.
          yield* Effect.onInterrupt(settled(retracted.position), () =>
            Console.error(linesOf(retracted).join("\n")),
          )
          return { ...retracted, ...difference }
        }),
      text: (form, width) => [...linesOf(form), ...differenceText(form, width)],
      isAct: true,
      names,
    })
  }),
).pipe(Command.withDescription("Undo an event from here on; the log and the past stay as they are"))

type Done = typeof ProjectForms.Act.Type

const linesOf = (form: object | Done): ReadonlyArray<string> =>
  "event_uuid" in form
    ? [`Retracted at position ${form.position}, by event ${form.event_uuid}.`]
    : []
