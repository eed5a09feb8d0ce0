import { Effect } from "effect"
import { HttpEffect, HttpMiddleware, HttpServerResponse } from "effect/http"
import { createHash } from "node:crypto"

/** What a page may load, by the directives of a content security policy, and which texts may become code in it. */
export type Sources = Readonly<
  Record<`${string}-src` | "trusted-types" | "require-trusted-types-for", string>
>

/** A content security policy that lets a page load what it names, and be in no frame. */
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

/** Lets an inline script or style be, which has these contents and no others. */
export const hashOf = (inline: string): string =>
  `'sha256-${createHash("sha256").update(inline).digest("base64")}'`

const strict = {
  "content-security-policy": policy(),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
}

/** Every answer has the strict headers, but for those that its route sets by itself. */
export const set = HttpMiddleware.make((answer) =>
  Effect.andThen(
    HttpEffect.appendPreResponseHandler((_, response) =>
      Effect.succeed(HttpServerResponse.setHeaders(response, { ...strict, ...response.headers })),
    ),
    answer,
  ),
)
