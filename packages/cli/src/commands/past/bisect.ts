import { Console, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import * as Bisect from "@onymous/timetravel/questions/Bisect"
import * as HistoryForms from "@onymous/timetravel/questions/HistoryForms"
import { asking, orWrongUse, past } from "../../flags/PastFlags.ts"

/** Finds the first position at which something was true. */
export const bisect = Command.make(
  "bisect",
  {
    condition: Argument.String("condition").pipe(
      Argument.withDescription(
        'same A B, property A KEY = JSON, ids A ">" N, persons ">" N, or warnings TYPE ">" N',
      ),
      Argument.variadic({ min: 1 }),
    ),
    ...past,
  },
  Effect.fn(function* (given) {
    // A condition may come as one text, or word by word.
    const words = given.condition.flatMap((each) =>
      given.condition.length === 1 ? each.trim().split(/\s+/) : [each],
    )
    const ids = Bisect.idsOf(words)
    const { position, isLasting, event } = yield* asking(
      given,
      Effect.fnUntraced(function* (source) {
        const history = yield* ids === undefined ? source.whole : source.about(ids)
        const found = Bisect.bisect(yield* orWrongUse(Bisect.parse(history, words)))
        const at = found.position
        return { ...found, event: at === undefined ? undefined : history.eventAt(at) }
      }),
    )
    const named = event && `${HistoryForms.nameOf(event.event)} ${event.event.uuid}`
    const text = position === undefined ? "It never was." : `${position}  ${named ?? ""}`
    yield* Console.log(given.json ? JSON.stringify({ position: position ?? null }) : text)
    if (!isLasting) yield* Console.error("It came and went since.")
  }),
).pipe(Command.withDescription("Find the first position at which something was true"))
