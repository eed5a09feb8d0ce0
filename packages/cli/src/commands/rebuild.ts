import { Console, Effect, Stream } from "effect"
import { Command } from "effect/cli"
import { Persons } from "@onymous/projector/Persons"
import { Projector } from "@onymous/projector/Projector"
import { database, json, onDatabase, project } from "../Options.ts"
import { bar, draw, drawn } from "../Output.ts"

/** Derives persons and warnings anew from the log. */
export const rebuild = Command.make(
  "rebuild",
  { ...database, project, json },
  Effect.fn(function* ({ project: id, json: asJson, ...location }) {
    const program = Effect.gen(function* () {
      const projector = yield* Projector
      const persons = yield* Persons
      const before = yield* persons.checkpoint(id)
      const startedAt = performance.now()
      yield* Stream.runForEach(projector.rebuild(id), ({ position, head }) =>
        Effect.sync(() => draw(bar(position, head, startedAt, performance.now()))),
      )
      drawn()
      const after = yield* persons.checkpoint(id)
      return { position: after?.position ?? 0, state_hash: after?.stateHash, before }
    })
    const { before, ...result } = yield* onDatabase(location, program)
    const same = before?.position === result.position && before?.stateHash === result.state_hash
    const verdict = same
      ? "the same as before"
      : `before it was ${before?.stateHash ?? "none"} at ${before?.position ?? 0}`
    yield* Console.log(
      asJson
        ? JSON.stringify({ project: id, ...result })
        : `Project ${id} is rebuilt up to position ${result.position}: state ${result.state_hash}, ${verdict}.`,
    )
  }),
).pipe(Command.withDescription("Derive persons and warnings anew from the log"))
