import { Effect, Stream } from "effect"
import type { HttpServerError, HttpServerRequest } from "effect/http"
import { type CaptureError, tooLarge } from "./CaptureError.ts"

/** The most bytes of a body that is too large that are read and dropped, so that the client sees the answer. */
const drainedBytesMax = 128 * 1024 * 1024

interface Read {
  readonly chunks: Array<Uint8Array>
  bytes: number
}

/**
 * The bytes of a request's body; refused with 413 beyond `bytesMax`. The rest is read and dropped, because a client
 * that is cut off while it sends does not see the answer, and tries again.
 */
export const read = Effect.fnUntraced(function* (
  request: HttpServerRequest.HttpServerRequest,
  bytesMax: number,
): Effect.fn.Return<Uint8Array, CaptureError | HttpServerError.HttpServerError> {
  const length = Number(request.headers["content-length"])
  if (length <= bytesMax) return new Uint8Array(yield* request.arrayBuffer)
  const refuse = () => tooLarge(`The body may take ${bytesMax} bytes.`)
  if (length > drainedBytesMax) return yield* refuse()
  const body: Read = { chunks: [], bytes: 0 }
  yield* request.stream.pipe(
    Stream.takeWhile(() => body.bytes <= drainedBytesMax),
    Stream.runForEach((chunk) =>
      Effect.sync(() => {
        body.bytes += chunk.length
        if (body.bytes <= bytesMax) body.chunks.push(chunk)
        else body.chunks.length = 0
      }),
    ),
  )
  if (body.bytes > bytesMax) return yield* refuse()
  return Buffer.concat(body.chunks)
})
