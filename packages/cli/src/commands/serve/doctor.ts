import { Effect, Option } from "effect"
import { Command } from "effect/cli"
import { causeText } from "@onymous/database/ErrorText"
import * as AskingError from "../../asking/AskingError.ts"
import * as Source from "../../asking/Source.ts"
import { type Finding, checkupOf, print, wrong } from "../../checkup/Finding.ts"
import * as Looks from "../../checkup/Looks.ts"
import { SaysNo, WrongUse } from "../../CommandError.ts"
import { locationOf, onDatabaseAsItIs } from "../../flags/DatabaseFlags.ts"
import { acting, type Given } from "../../flags/SourceFlags.ts"
import * as Answer from "../../output/Answer.ts"

/** Checks a database, a directory or a running server, and prints faults with their remedies; changes nothing. */
export const doctor = Command.make(
  "doctor",
  acting,
  Effect.fn(function* (given) {
    const source = yield* Source.of(given)
    const { place, findings } =
      source._tag === "Server" ? yield* ofServer(source.server, given) : yield* ofDatabase(given)
    const checkup = checkupOf(place, [Looks.versions(process.versions.node), ...findings])
    yield* Answer.print(checkup, given.json, print)
    // The message is empty, because the answer has named the faults.
    if (!checkup.ok) return yield* new SaysNo({ message: "" })
  }),
).pipe(Command.withDescription("Say what is wrong with a database or a server, and what to do"))

const ofServer = Effect.fnUntraced(function* (
  server: { readonly url: string; readonly key: string },
  { project }: Given,
) {
  const { look } = yield* Effect.promise(() => import("../../checkup/ServerCheckup.ts"))
  const findings = yield* look(
    server,
    Option.getOrElse(project, () => "1"),
  ).pipe(Effect.mapError(AskingError.ofAnswer({ url: server.url })))
  return { place: server.url, findings }
})

/** The checkup of a database; a failure to open it becomes a finding. */
const ofDatabase = Effect.fnUntraced(function* (given: Given) {
  const { place, directory } = yield* locationOf(given)
  const { look } = yield* Effect.promise(() => import("../../checkup/DatabaseCheckup.ts"))
  const findings: ReadonlyArray<Finding> = yield* onDatabaseAsItIs(given, look(directory)).pipe(
    Effect.catch((error) =>
      error instanceof WrongUse
        ? Effect.fail(error)
        : Effect.succeed([
            wrong("database", causeText(error), "Mend that first: nothing else can be looked at."),
          ]),
    ),
  )
  return { place, findings }
})
