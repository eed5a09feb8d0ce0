import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import * as ChangeForms from "@onymous/api/forms/ChangeForms"
import { Projector } from "@onymous/projector/Projector"
import { VerificationProgress } from "@onymous/projector/rebuild/RebuildVerification"
import { SaysNo, WrongUse } from "../../CommandError.ts"
import { onDatabase } from "../../flags/DatabaseFlags.ts"
import * as PastFlags from "../../flags/PastFlags.ts"
import * as Answer from "../../output/Answer.ts"
import { Progress } from "../../output/ProgressLine.ts"
import { showRebuild } from "../../output/RebuildLine.ts"

/** Compares the stored state with a fold of the whole log. */
export const verify = Command.make(
  "verify",
  {
    ...PastFlags.past,
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
    const { ok, position, reason } = yield* given.deep ? deeply(given) : plainly(given)
    if (!ok) return yield* new SaysNo({ message: `It differs at ${position}: ${reason}.` })
  }),
).pipe(Command.withDescription("Replay everything and compare it with what is stored"))

interface Given extends PastFlags.Given {
  readonly json: boolean
  readonly from: Option.Option<string>
}

const plainly = (given: Given) =>
  PastFlags.answerPast(
    given,
    (past, project) => past.verify(project, { from: Option.getOrUndefined(given.from) }),
    { form: ChangeForms.verification, text: print },
  )

const deeply = Effect.fnUntraced(function* (given: Given) {
  if (Option.isSome(given.file) || Option.isSome(given.from)) {
    return yield* new WrongUse({ message: "--deep: expected a database, and no --file or --from" })
  }
  const project = PastFlags.projectOf(given)
  const verifying = Effect.flatMap(Projector, (projector) => projector.verify(project))
  const line = yield* Progress
  const answer = ChangeForms.verification(
    yield* Effect.provideService(onDatabase(given, verifying), VerificationProgress, (progress) =>
      Effect.sync(() => showRebuild(line, progress)),
    ),
  )
  yield* Answer.print(answer, given.json, print)
  return answer
})

const print = (found: typeof ChangeForms.Verification.Type): ReadonlyArray<string> => {
  const { ok, position, state_hash, reason, persons = [] } = found
  const named = persons.length === 0 ? "" : ` Persons that differ: ${persons.join(", ")}.`
  return [
    ok
      ? `What is there is what the log comes to, at position ${position}: state ${state_hash}.`
      : `It differs at position ${position}: ${reason}; the log comes to ${state_hash}.${named}`,
  ]
}
