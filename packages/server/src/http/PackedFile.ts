import { Effect } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import { createHash } from "node:crypto"
import { promisify } from "node:util"
import { gzip } from "node:zlib"

/** A file in memory, plain and as gzip, so that it is packed once. */
export interface PackedFile {
  readonly bytes: Uint8Array
  readonly packed: Uint8Array
  /** The entity tag of these contents. */
  readonly etag: string
}

const pack = promisify(gzip)

/** Packs contents once. */
export const of = (bytes: Uint8Array): Effect.Effect<PackedFile> =>
  Effect.promise(async () => ({
    bytes,
    packed: await pack(bytes),
    etag: `"${createHash("sha256").update(bytes).digest("base64url")}"`,
  }))

/** The headers of a file's response. */
export interface FileHeaders {
  readonly contentType: string
  readonly cacheControl: string
}

const namesOne = (header: string | undefined, wanted: string): boolean =>
  header?.split(",").some((one) => one.trim().replace(/^W\/|;.*$/g, "") === wanted) === true

/** Answers with a file, as gzip for clients that accept it, and with 304 for clients that have these contents. */
export const answer = (file: PackedFile, { contentType, cacheControl }: FileHeaders) =>
  Effect.map(HttpServerRequest.HttpServerRequest, ({ headers: asked }) => {
    const headers = {
      etag: file.etag,
      vary: "Accept-Encoding",
      "cache-control": cacheControl,
      "x-content-type-options": "nosniff",
    }
    if (namesOne(asked["if-none-match"], file.etag)) {
      return HttpServerResponse.empty({ status: 304, headers })
    }
    return namesOne(asked["accept-encoding"], "gzip")
      ? HttpServerResponse.uint8Array(file.packed, {
          contentType,
          headers: { ...headers, "content-encoding": "gzip" },
        })
      : HttpServerResponse.uint8Array(file.bytes, { contentType, headers })
  })
