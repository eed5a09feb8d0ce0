import { Api } from "@onymous/api/Api"
import { Effect, type Layer } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiScalar } from "effect/http-api"
import * as PackedFile from "./PackedFile.ts"
import * as SecurityHeaders from "./SecurityHeaders.ts"

const path = "/docs"

/** The settings that turn off all that Scalar would send to its makers' hosts: fonts, telemetry, and tools. */
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

/** The content security policy of the page: its own scripts unchanged, any style, and requests to this server alone. */
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

/** The page, page once and on demand, because most servers never show its three megabytes. */
const makePage = Effect.gen(function* () {
  const html = yield* rendered
  return { file: yield* PackedFile.of(Buffer.from(html)), contentPolicy: policyOf(html) }
})

const fileHeaders: PackedFile.FileHeaders = {
  contentType: "text/html; charset=utf-8",
  // Not cached, because an upgrade may change the API.
  cacheControl: "no-cache",
}

/** The page that documents the API and tries its requests. */
export const layer: Layer.Layer<never, never, HttpRouter.HttpRouter> = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const page = yield* Effect.cached(makePage)
    const answer = Effect.gen(function* () {
      const { file, contentPolicy } = yield* page
      const response = yield* PackedFile.answer(file, fileHeaders)
      return HttpServerResponse.setHeader(response, "content-security-policy", contentPolicy)
    })
    yield* router.add("GET", path, answer)
  }),
)
