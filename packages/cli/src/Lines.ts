import { Effect, Stream } from "effect"
import { createReadStream, type ReadStream } from "node:fs"
import { createInterface } from "node:readline"
import { CouldNot } from "./Options.ts"

const input = (path: string): NodeJS.ReadStream | ReadStream =>
  path === "-" ? process.stdin : createReadStream(path)

/** The lines of a file, or of standard input for `-`; any size, a few at a time in memory. */
export const lines = (path: string): Stream.Stream<string, CouldNot> =>
  Stream.unwrap(
    Effect.sync(() => {
      const stream = input(path)
      const reader = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })
      // The interface does not pass on what its input fails with.
      stream.once("error", (error: unknown) => reader.emit("error", error))
      return Stream.fromAsyncIterable(reader, (error) => new CouldNot({ message: reason(error) }))
    }),
  )

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))
