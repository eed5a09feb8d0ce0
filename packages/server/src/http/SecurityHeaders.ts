import { Effect } from "effect"
import { HttpEffect, HttpMiddleware, HttpServerResponse } from "effect/http"
import { createHash } from "node:crypto"

/** The directives of a content security policy: what a page may load, and which texts may become code. */
export type Sources = Readonly<
  Record<`${string}-src` | "trusted-types" | "require-trusted-types-for", string>
>

/** A content security policy that allows these sources and nothing else, and forbids frames. */
export const policy = (sources: Partial<Sources> = {}): string =>
  Object.entries({
    "default-src": "'none'",
    ...sources,
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
  })
    .map(([name, value]) => `${name} ${value}`)
    .join("; ")

/** The source that allows an inline script or style with exactly these contents. */
export const hashOf = (inline: string): string =>
  `'sha256-${createHash("sha256").update(inline).digest("base64")}'`

const strict = {
  "content-security-policy": policy(),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
}

/** Adds the strict headers to every response, except for those that its route has set. */
export const set = HttpMiddleware.make((answer) =>
  Effect.andThen(
    HttpEffect.appendPreResponseHandler((_, response) =>
      Effect.succeed(HttpServerResponse.setHeaders(response, { ...strict, ...response.headers })),
    ),
    answer,
  ),
)
