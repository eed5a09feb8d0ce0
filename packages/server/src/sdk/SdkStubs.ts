import { Effect, type Layer } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import * as Cors from "../http/Cors.ts"
import * as QueryParameters from "../http/QueryParameters.ts"
import * as SdkConfig from "./SdkConfig.ts"

/** No flags, in every form that SDKs read. */
const noFlags = {
  flags: {},
  featureFlags: {},
  featureFlagPayloads: {},
  errorsWhileComputingFlags: false,
} as const

/** The answer of `/decide`. Its first version lists flags by name; SDKs of 2022 also read the configuration here. */
const decided = (query: URLSearchParams) => ({
  ...SdkConfig.config,
  ...noFlags,
  ...((query.get("v") ?? "1") === "1" && { featureFlags: [] }),
})

const flagged = (query: URLSearchParams) => ({
  ...(query.get("config") === "true" && SdkConfig.config),
  ...noFlags,
})

type Answer = (query: URLSearchParams) => unknown

const always =
  (answer: unknown): Answer =>
  () =>
    answer

const noDefinitions = always({ flags: [], group_type_mapping: {}, cohorts: {} })
const noSurveys = always({ surveys: [], survey_config: null })

/** The answer for recordings, which are dropped. */
const dropped = always({ status: 1 })

/** The paths that SDKs request beside capture, with their answers. */
const answers: ReadonlyArray<readonly [path: `/${string}`, answer: Answer]> = [
  ["/flags", flagged],
  ["/decide", decided],
  ["/flags/definitions", noDefinitions],
  ["/api/feature_flag/local_evaluation", noDefinitions],
  ["/api/projects/:project/feature_flags/:flag/remote_config", always(null)],
  ["/surveys", noSurveys],
  ["/api/surveys", noSurveys],
  ["/api/early_access_features", always({ earlyAccessFeatures: [] })],
  ["/api/product_tours", always({ product_tours: [] })],
  ["/api/web_experiments", always({ experiments: [] })],
  ["/s", dropped],
]

/** Lets clients cache the configuration, because it is the same for all. */
const cached = { "cache-control": "public, max-age=300" }

const configScript = Effect.map(HttpRouter.params, ({ token = "" }) =>
  HttpServerResponse.text(SdkConfig.script(token), {
    contentType: "application/javascript; charset=utf-8",
    headers: { ...cached, "x-content-type-options": "nosniff" },
  }),
)

const configJson = HttpServerResponse.jsonUnsafe(SdkConfig.config, { headers: cached })

const jsonOf = (answer: Answer) =>
  Effect.map(HttpServerRequest.HttpServerRequest, (request) =>
    HttpServerResponse.jsonUnsafe(answer(QueryParameters.of(request))),
  )

/** Answers these paths, so that no SDK reports an error or tries again. */
export const layer: Layer.Layer<never, never, HttpRouter.HttpRouter> = HttpRouter.addAll([
  ...answers.flatMap(([path, answer]) => Cors.routes(["GET", "POST"], path, jsonOf(answer))),
  ...Cors.routes(["GET"], "/array/:token/config", Effect.succeed(configJson)),
  ...Cors.routes(["GET"], "/array/:token/config.js", configScript),
])
