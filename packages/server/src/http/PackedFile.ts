import { Effect } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import { createHash } from "node:crypto"
import { promisify } from "node:util"
import { gzip } from "node:zlib"

/** A file in memory, as it is and as gzip, so that no request packs it again. */
export interface PackedFile {
  readonly bytes: Uint8Array
  readonly packed: Uint8Array
  /** Names these contents. */
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

/** How a file is told to whom asks for it. */
export interface Told {
  readonly contentType: string
  readonly cacheControl: string
}

const namesOne = (header: string | undefined, wanted: string): boolean =>
  header?.split(",").some((one) => one.trim().replace(/^W\/|;.*$/g, "") === wanted) === true

/** Answers with a file, packed for who reads gzip, and with nothing for who has these contents already. */
export const answer = (file: PackedFile, { contentType, cacheControl }: Told) =>
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
