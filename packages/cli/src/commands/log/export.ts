import { Effect, Option, Stream } from "effect"
import { Command, Flag } from "effect/cli"
import { createWriteStream } from "node:fs"
import { Writable } from "node:stream"
import { pipeline } from "node:stream/promises"
import * as LogExport from "@onymous/server/api/LogExport"
import * as AskingError from "../../asking/AskingError.ts"
import type { Found } from "../../asking/ServerFile.ts"
import * as Source from "../../asking/Source.ts"
import { CouldNot } from "../../CommandError.ts"
import { onDatabase, project, projectIn } from "../../flags/DatabaseFlags.ts"
import { source } from "../../flags/SourceFlags.ts"

/** Writes the log as lines for `import` and `replay`. */
export const exportLog = Command.make(
  "export",
  {
    ...source,
    project,
    out: Flag.String("out").pipe(
      Flag.withDescription("File to write; standard output by default"),
      Flag.optional,
    ),
  },
  Effect.fn(function* ({ out, ...given }) {
    const asked = yield* Source.of({ ...given, json: false })
    if (asked._tag === "Server") return yield* onServer(asked.server, given.project, out)
    const program = Effect.gen(function* () {
      // The project is looked up first, so that an unknown one leaves no empty file.
      const lines = yield* LogExport.linesOf(yield* projectIn(given.project))
      yield* write(lines, out)
    })
    yield* onDatabase(given, program)
  }),
).pipe(Command.withDescription("Write the log as NDJSON"))

const onServer = Effect.fnUntraced(
  function* (server: Found, named: Option.Option<string>, out: Option.Option<string>) {
    const { make } = yield* Effect.promise(() => import("../../asking/ServerQuestions.ts"))
    const { log } = yield* make(server)
    const params = { project: Option.getOrElse(named, () => "1") }
    const bytes = yield* log.export({ params, query: {} })
    yield* write(Stream.mapError(bytes, AskingError.ofAnswer({ url: server.url })), out)
  },
  (effect, server) => Effect.mapError(effect, AskingError.ofAnswer({ url: server.url })),
)

const write = Effect.fnUntraced(function* <A extends string | Uint8Array, E>(
  chunks: Stream.Stream<A, E>,
  out: Option.Option<string>,
) {
  const read = yield* Stream.toAsyncIterableEffect(chunks)
  yield* Effect.tryPromise({
    try: () => pipeline(read, sink(out)),
    catch: (error) =>
      new CouldNot({ message: error instanceof Error ? error.message : String(error) }),
  })
})

/** The output: a file, or standard output, which stays open because this command did not open it. */
const sink = (out: Option.Option<string>): Writable =>
  Option.isSome(out)
    ? createWriteStream(out.value)
    : new Writable({
        write: (chunk, _encoding, done) => {
          process.stdout.write(chunk, done)
        },
      })
