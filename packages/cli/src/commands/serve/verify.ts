import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import * as Identity from "@onymous/identity/Identity"
import * as ConePast from "@onymous/identity/retraction/ConePast"
import * as StateHash from "@onymous/identity/state/StateHash"
import { verify as verifyProject, type Verified } from "@onymous/timetravel/questions/Verify"
import { onDatabase } from "../../flags/DatabaseFlags.ts"
import { SaysNo } from "../../CommandError.ts"
import { asking, type Given, past, positionAt, projectOf } from "../../flags/PastFlags.ts"

/** Replays everything and compares it with what is stored. */
export const verify = Command.make(
  "verify",
  {
    ...past,
    from: Flag.String("from").pipe(
      Flag.withDescription("Pass over what differs before this point"),
      Flag.optional,
    ),
  },
  Effect.fn(function* (given) {
    const verified = Option.isSome(given.file) ? yield* ofFile(given) : yield* ofDatabase(given)
    const { isOk, position, stateHash, reason, persons } = verified
    const named = persons.length === 0 ? "" : ` Persons that differ: ${persons.join(", ")}.`
    const text = isOk
      ? `What is there is what the log comes to, at position ${position}: state ${stateHash}.`
      : `It differs at position ${position}: ${reason}; the log comes to ${stateHash}.${named}`
    const answer = { ok: isOk, position, state_hash: stateHash, ...(!isOk && { reason, persons }) }
    yield* Console.log(given.json ? JSON.stringify(answer) : text)
    if (!isOk) return yield* new SaysNo({ message: `It differs at ${position}: ${reason}.` })
  }),
).pipe(Command.withDescription("Replay everything and compare it with what is stored"))

/** A file stores nothing but events: folded page by page and one by one, they come to the same. */
const ofFile = Effect.fnUntraced(function* (given: Given) {
  const { head, log, project, startPolicy, stateHash } = yield* asking(given, ({ whole }) => whole)
  const identity = Identity.empty(project, startPolicy)
  for (const recorded of log) {
    Identity.fold(identity, [recorded], ConePast.pastOf(identity, startPolicy, log, recorded))
  }
  const isOk = StateHash.toText(Identity.settle(identity)) === stateHash
  const reason = isOk ? undefined : "one by one, its events come to another hash"
  const verified: Verified = { isOk, position: head, stateHash, reason, persons: [] }
  return verified
})

const ofDatabase = (given: Given & { readonly from: Option.Option<string> }) => {
  const project = projectOf(given)
  return onDatabase(
    given,
    Effect.gen(function* () {
      const from = yield* positionAt(project, given.from)
      return yield* verifyProject(project, from === undefined ? {} : { from })
    }),
  )
}
