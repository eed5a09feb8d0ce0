import { Effect, Stream } from "effect"
import { createReadStream } from "node:fs"
import { CouldNot } from "../CommandError.ts"

const failed = (error: unknown): CouldNot =>
  new CouldNot({ message: error instanceof Error ? error.message : String(error) })

/**
 * The lines of a file, or of standard input for `-`; holds a few of them in memory, whatever the
 * file's size.
 */
export const lines = (path: string): Stream.Stream<string, CouldNot> =>
  Stream.unwrap(
    Effect.sync(() => {
      const input: AsyncIterable<Uint8Array> = path === "-" ? process.stdin : createReadStream(path)
      return Stream.fromAsyncIterable(input, failed)
    }),
  ).pipe(Stream.decodeText, Stream.splitLines)
