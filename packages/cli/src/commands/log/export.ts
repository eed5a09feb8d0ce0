import { Effect, Option, Stream } from "effect"
import { Command, Flag } from "effect/cli"
import { createWriteStream } from "node:fs"
import { Writable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { type Position, zero } from "@onymous/identity/event/Position"
import * as EventLine from "@onymous/log/file/EventLine"
import { EventLog } from "@onymous/log/EventLog"
import { CouldNot } from "../../CommandError.ts"
import { database, onDatabase, project, projectIn } from "../../flags/DatabaseFlags.ts"

const pageSize = 1000

/** Writes the log as lines that `import` and `replay` read. */
export const exportLog = Command.make(
  "export",
  {
    ...database,
    project,
    out: Flag.String("out").pipe(
      Flag.withDescription("File to write; standard output by default"),
      Flag.optional,
    ),
  },
  Effect.fn(function* ({ project: named, out, ...location }) {
    const program = Effect.gen(function* () {
      const log = yield* EventLog
      const id = yield* projectIn(named)
      // The head is read first, because an unknown project should not leave an empty file behind.
      yield* log.head(id)
      const pages = Stream.paginate<Position, string, never, never>(zero, (after) =>
        Effect.map(
          Effect.orDie(log.readPayloads({ project: id, after, limit: pageSize })),
          (page) => {
            const last = page.at(-1)
            const lines = page.map((recorded) => `${EventLine.encodeLine(recorded, id)}\n`)
            return [
              lines,
              last && page.length === pageSize ? Option.some(last.position) : Option.none(),
            ]
          },
        ),
      )
      const text = yield* Stream.toAsyncIterableEffect(pages)
      yield* Effect.tryPromise({
        try: () => pipeline(text, sink(out)),
        catch: (error) =>
          new CouldNot({ message: error instanceof Error ? error.message : String(error) }),
      })
    })
    yield* onDatabase(location, program)
  }),
).pipe(Command.withDescription("Write the log as NDJSON"))

/** Standard output stays open: this command did not open it. */
const sink = (out: Option.Option<string>): Writable =>
  Option.isSome(out)
    ? createWriteStream(out.value)
    : new Writable({
        write: (chunk, _encoding, done) => {
          process.stdout.write(chunk, done)
        },
      })
