import { Effect, Stream } from "effect"
import { close, fstatSync, open, read, statSync } from "node:fs"
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
    const isNamed = message.includes(`'${path}'`)
    return new CouldNot({ message: isNamed ? message : `${path}: ${message}` })
  }

/** The most bytes of one read. */
const readMax = 65_536

const openFile = (path: string) =>
  Effect.acquireRelease(
    Effect.callback<number, Error>((resume) => {
      let isWanted = true
      open(path, (error, file) => {
        if (error) resume(Effect.fail(error))
        else if (isWanted) resume(Effect.succeed(file))
        else close(file)
      })
      return Effect.sync(() => {
        isWanted = false
      })
    }),
    (file) => Effect.callback<void>((resume) => close(file, () => resume(Effect.void))),
    // A pipe with a name is open once somebody writes into it, which may be never.
    { interruptible: true },
  )

type Chunk = readonly [bytes: Uint8Array, file: number]

const readFrom = (file: number): Effect.Effect<Chunk | undefined, Error> =>
  Effect.callback((resume) =>
    read(file, Buffer.allocUnsafe(readMax), 0, readMax, null, (error, count, bytes) => {
      if (error) resume(Effect.fail(error))
      else resume(Effect.succeed(count === 0 ? undefined : [bytes.subarray(0, count), file]))
    }),
  )

/** The bytes of a file, without a stream of Node's, because to load those takes longer than to read a thousand lines. */
const bytesOf = (path: string): Stream.Stream<Uint8Array, Error> =>
  Stream.unwrap(Effect.map(openFile(path), (file) => Stream.unfold(file, readFrom)))

/** The bytes of standard input. Node reads a directory there as if it were empty. */
const standardInput = Stream.suspend(() =>
  fstatSync(process.stdin.fd).isDirectory()
    ? Stream.fail(new Error("EISDIR: illegal operation on a directory, read"))
    : Stream.fromAsyncIterable<Uint8Array, unknown>(process.stdin, (error) => error),
)

/**
 * The lines of a file, or of standard input for `-`, of which a few are in memory at a time. A line that is no UTF-8
 * has lone surrogates, for which `EventLine` refuses it.
 */
export const lines = (path: string): Stream.Stream<string, CouldNot> =>
  Stream.unwrap(
    Effect.map(Progress, (progress) => {
      const isFile = path !== "-"
      const input: Stream.Stream<Uint8Array, unknown> = isFile ? bytesOf(path) : standardInput
      const size = isFile ? statSync(path, { throwIfNoEntry: false })?.size : undefined
      let done = 0
      return Stream.map(Stream.mapError(input, failed(path)), (bytes) => {
        // Earlier bytes are used already, because the stream reads on demand.
        progress.show(reading, done, size)
        done += bytes.length
        return bytes
      })
    }),
  ).pipe(TextLines.fromBytes)
