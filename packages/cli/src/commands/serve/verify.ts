import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type * as ChangeForms from "@onymous/api/forms/ChangeForms"
import { answer } from "../../asking/Ask.ts"
import { SaysNo, WrongUse } from "../../CommandError.ts"
import { past } from "../../flags/PastFlags.ts"

/** Compares the stored state with a fold of the whole log. */
export const verify = Command.make(
  "verify",
  {
    ...past,
    from: Flag.String("from").pipe(
      Flag.withDescription("Pass over what differs before this point"),
      Flag.optional,
    ),
    deep: Flag.Boolean("deep").pipe(
      Flag.withDescription(
        "Compare every row of every table of a database; takes as long as a rebuild",
      ),
      Flag.withDefault(false),
    ),
  },
  Effect.fn(function* (given) {
    if (given.deep && (Option.isSome(given.file) || Option.isSome(given.from))) {
      const message = "--deep: expected a database, and no --file or --from"
      return yield* new WrongUse({ message })
    }
    const query = {
      from: Option.getOrUndefined(given.from),
      deep: given.deep ? ("true" as const) : undefined,
    }
    const { ok, position, reason } = yield* answer(given, {
      question: ({ past, params }) => past.verify({ params, query }),
      text: print,
      points: { "--from": given.from },
    })
    if (!ok)
      return yield* new SaysNo({
        code: "differs",
        message: `It differs at ${position}: ${reason}.`,
      })
  }),
).pipe(Command.withDescription("Replay everything and compare it with what is stored"))

const print = (found: typeof ChangeForms.Verification.Type): ReadonlyArray<string> => {
  const { ok, position, state_hash, reason, persons = [] } = found
  const named = persons.length === 0 ? "" : ` Persons that differ: ${persons.join(", ")}.`
  // A damaged log comes to nothing.
  const state = state_hash === "" ? "" : `; the log comes to ${state_hash}`
  return [
    ok
      ? `What is there is what the log comes to, at position ${position}: state ${state_hash}.`
      : `It differs at position ${position}: ${reason}${state}.${named}`,
  ]
}
