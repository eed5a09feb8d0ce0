import { Effect, Stream } from "effect"
import { createReadStream, statSync } from "node:fs"
import * as TextLines from "@onymous/log/file/TextLines"
import { CouldNot } from "../CommandError.ts"
import { megabytes, type Step } from "../output/ProgressBar.ts"
import { Progress } from "../output/ProgressLine.ts"

const reading: Step = { name: "reading", unit: megabytes }

/** Node names no path where a file was opened and cannot be read. */
const failed =
  (path: string) =>
  (error: unknown): CouldNot => {
    const message = error instanceof Error ? error.message : String(error)
    return new CouldNot({ message: message.includes(path) ? message : `${path}: ${message}` })
  }

/**
 * The lines of a file, or of standard input for `-`, of which a few are in memory at a time. A line that is no UTF-8
 * has lone surrogates, for which `EventLine` refuses it.
 */
export const lines = (path: string): Stream.Stream<string, CouldNot> =>
  Stream.unwrap(
    Effect.map(Progress, (progress) => {
      const isFile = path !== "-"
      const input: AsyncIterable<Uint8Array> = isFile ? createReadStream(path) : process.stdin
      const size = isFile ? statSync(path, { throwIfNoEntry: false })?.size : undefined
      let read = 0
      return Stream.map(Stream.fromAsyncIterable(input, failed(path)), (bytes) => {
        // Earlier bytes are used already, because the stream reads on demand.
        progress.show(reading, read, size)
        read += bytes.length
        return bytes
      })
    }),
  ).pipe(TextLines.fromBytes)
