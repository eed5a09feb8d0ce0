import { Console, Effect, Option } from "effect"
import { Command } from "effect/cli"
import * as Identity from "@onymous/identity/Identity"
import * as Retraction from "@onymous/identity/Retraction"
import * as StateHash from "@onymous/identity/StateHash"
import { verify as verifyProject, type Verified } from "@onymous/timetravel/Verify"
import { CouldNot, onDatabase, SaysNo } from "../Options.ts"
import { asking, type Given, past, projectOf } from "../Past.ts"

/** Replays everything and compares it with what is stored. */
export const verify = Command.make(
  "verify",
  past,
  Effect.fn(function* (given) {
    const verified = Option.isSome(given.file) ? yield* ofFile(given) : yield* ofDatabase(given)
    const { isOk, position, stateHash, reason } = verified
    const text = isOk
      ? `What is there is what the log comes to, at position ${position}: state ${stateHash}.`
      : `It differs at position ${position}: ${reason}; the log comes to ${stateHash}.`
    const answer = { ok: isOk, position, state_hash: stateHash }
    yield* Console.log(given.json ? JSON.stringify(answer) : text)
    if (!isOk) return yield* new SaysNo({ message: `It differs at ${position}: ${reason}.` })
  }),
).pipe(Command.withDescription("Replay everything and compare it with what is stored"))

/** A file stores nothing but events: folded page by page and one by one, they come to the same. */
const ofFile = Effect.fnUntraced(function* (given: Given) {
  const { head, log, project, startPolicy, stateHash } = yield* asking(given, ({ whole }) => whole)
  const identity = Identity.empty(project, startPolicy)
  for (const recorded of log) {
    Identity.fold(identity, [recorded], Retraction.pastOf(identity, startPolicy, log, recorded))
  }
  const isOk = StateHash.toText(Identity.settle(identity)) === stateHash
  const reason = isOk ? undefined : "one by one, its events come to another hash"
  const verified: Verified = { isOk, position: head, stateHash, reason }
  return verified
})

const ofDatabase = (given: Given) =>
  onDatabase(
    given,
    Effect.mapError(
      verifyProject(projectOf(given)),
      (error) => new CouldNot({ message: error instanceof Error ? error.message : String(error) }),
    ),
  )
