import { Api } from "@onymous/api/Api"
import { Effect, type Layer } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiScalar } from "effect/http-api"
import * as PackedFile from "./PackedFile.ts"
import * as SecurityHeaders from "./SecurityHeaders.ts"

const path = "/docs"

/** What of Scalar leads to its makers' hosts is off: fonts, telemetry, and tools that send them the document. */
const scalar = {
  withDefaultFonts: false,
  telemetry: false,
  showDeveloperTools: "never",
  hideClientButton: true,
  authentication: { preferredSecurityScheme: "bearer" },
}

const rendered = Effect.gen(function* () {
  const app = yield* HttpRouter.toHttpEffect(HttpApiScalar.layer(Api, { path, scalar }))
  const request = HttpServerRequest.fromWeb(new Request(`http://localhost${path}`))
  const response = yield* Effect.provideService(app, HttpServerRequest.HttpServerRequest, request)
  return yield* Effect.promise(() => HttpServerResponse.toWeb(response).text())
}).pipe(Effect.scoped, Effect.orDie)

/** What the page may do: run its scripts as they are, look as they like, and ask this server alone. */
const policyOf = (html: string): string => {
  const scripts = [...html.matchAll(/<script>(.*?)<\/script>/gs)].map(([, script = ""]) => script)
  return SecurityHeaders.policy({
    "script-src": scripts.map(SecurityHeaders.hashOf).join(" "),
    "style-src": "'unsafe-inline'",
    "img-src": "'self' data:",
    "font-src": "data:",
    "connect-src": "'self'",
  })
}

/** Three megabytes that most starts never show: made when the page is asked for, and once. */
const made = Effect.gen(function* () {
  const html = yield* rendered
  return { file: yield* PackedFile.of(Buffer.from(html)), contentPolicy: policyOf(html) }
})

const told: PackedFile.Told = {
  contentType: "text/html; charset=utf-8",
  // The API may be another one after an upgrade.
  cacheControl: "no-cache",
}

/** The page that shows what may be asked, and asks it. */
export const layer: Layer.Layer<never, never, HttpRouter.HttpRouter> = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const page = yield* Effect.cached(made)
    const answer = Effect.gen(function* () {
      const { file, contentPolicy } = yield* page
      const response = yield* PackedFile.answer(file, told)
      return HttpServerResponse.setHeader(response, "content-security-policy", contentPolicy)
    })
    yield* router.add("GET", path, answer)
  }),
)
