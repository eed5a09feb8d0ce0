import { Effect, Stream } from "effect"
import { createReadStream, statSync } from "node:fs"
import { CouldNot } from "../CommandError.ts"
import { megabytes, type Step } from "../output/ProgressBar.ts"
import { Progress } from "../output/ProgressLine.ts"

const reading: Step = { name: "reading", unit: megabytes }

const failed = (error: unknown): CouldNot =>
  new CouldNot({ message: error instanceof Error ? error.message : String(error) })

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** What a byte that is no UTF-8 becomes: half a character, which no UTF-8 text holds, so that its line is refused. */
const halves = 0xdc00

const ascii = /^[\0-\x7f]*$/

/** The text of a line whose bytes came as one character each. */
const textOf = (bytes: string): string => {
  if (ascii.test(bytes)) return bytes
  try {
    return strict.decode(Buffer.from(bytes, "latin1"))
  } catch {
    return bytes.replaceAll(/[^\0-\x7f]/g, (byte) =>
      String.fromCharCode(halves + byte.charCodeAt(0)),
    )
  }
}

const byteOrderMark = /^\uFEFF/

/**
 * The lines of a file, or of standard input for `-`; holds a few of them in memory, whatever the
 * file's size. A line that is no UTF-8 has lone surrogates, and whoever reads events refuses it by its number.
 */
export const lines = (path: string): Stream.Stream<string, CouldNot> =>
  Stream.unwrap(
    Effect.map(Progress, (progress) => {
      const isFile = path !== "-"
      const input: AsyncIterable<Uint8Array> = isFile ? createReadStream(path) : process.stdin
      const size = isFile ? statSync(path, { throwIfNoEntry: false })?.size : undefined
      let read = 0
      return Stream.map(Stream.fromAsyncIterable(input, failed), (bytes) => {
        // The bytes before these are used by now, because whoever uses them asks for these.
        progress.show(reading, read, size)
        read += bytes.length
        return bytes
      })
    }),
  ).pipe(
    Stream.map((bytes) => Buffer.from(bytes).toString("latin1")),
    Stream.splitLines,
    Stream.map(textOf),
    Stream.zipWithIndex,
    Stream.map(([line, index]) => (index === 0 ? line.replace(byteOrderMark, "") : line)),
  )
