import { Effect, type Layer } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import * as Cors from "../http/Cors.ts"
import * as QueryParameters from "../http/QueryParameters.ts"

/**
 * What posthog-js is told of the project: where events go, how they may be packed, and that there
 * is nothing beside them. Whatever is on here would make it ask for scripts that are not here.
 * Surveys are not named at all: told that there are none, it still asks for their script.
 */
const config = {
  analytics: { endpoint: "/i/v0/e/" },
  supportedCompression: ["gzip", "gzip-js", "base64"],
  hasFeatureFlags: false,
  // Absent, it would keep autocapture off.
  autocapture_opt_out: false,
  autocaptureExceptions: false,
  captureDeadClicks: false,
  capturePerformance: false,
  conversations: false,
  defaultIdentifiedOnly: true,
  editorParams: {},
  elementsChainAsString: true,
  errorTracking: { autocaptureExceptions: false, suppressionRules: [] },
  heatmaps: false,
  isAuthenticated: false,
  logs: { captureConsoleLogs: false },
  productTours: false,
  sessionRecording: false,
  siteApps: [],
  toolbarParams: {},
} as const

/** No flags, in every form that an SDK may look for. */
const noFlags = {
  flags: {},
  featureFlags: {},
  featureFlagPayloads: {},
  errorsWhileComputingFlags: false,
} as const

/** The first version listed the flags by name; SDKs of 2022 also read the configuration here. */
const decided = (query: URLSearchParams) => ({
  ...config,
  ...noFlags,
  ...((query.get("v") ?? "1") === "1" && { featureFlags: [] }),
})

const flagged = (query: URLSearchParams) => ({
  ...(query.get("config") === "true" && config),
  ...noFlags,
})

type Answer = (query: URLSearchParams) => unknown

const always =
  (answer: unknown): Answer =>
  () =>
    answer

const noDefinitions = always({ flags: [], group_type_mapping: {}, cohorts: {} })
const noSurveys = always({ surveys: [], survey_config: null })

/** Recordings, which are read and dropped. */
const dropped = always({ status: 1 })

/** What SDKs ask for beside sending events, and how it is answered. */
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

/** The configuration may be kept for a while: it is the same for everybody. */
const cached = { "cache-control": "public, max-age=300" }

/** As a script that posthog-js loads: where it finds the configuration, it asks no more. */
const script = (token: string): string =>
  [
    "(function () {",
    "  var all = (window._POSTHOG_REMOTE_CONFIG = window._POSTHOG_REMOTE_CONFIG || {});",
    `  all[${JSON.stringify(token)}] = ${JSON.stringify({ config, siteApps: [] })};`,
    "})();",
    "",
  ].join("\n")

/** Scripts are not served from here; posthog-js asks for one once, and goes on without it. */
const noScript = HttpServerResponse.text(
  "Onymous serves no scripts: take posthog-js from npm, or from the host you had it from.\n",
  { status: 404 },
)

const configScript = Effect.map(HttpRouter.params, ({ token = "" }) =>
  HttpServerResponse.text(script(token), {
    contentType: "application/javascript; charset=utf-8",
    headers: { ...cached, "x-content-type-options": "nosniff" },
  }),
)

const configJson = HttpServerResponse.jsonUnsafe(config, { headers: cached })

const jsonOf = (answer: Answer) =>
  Effect.map(HttpServerRequest.HttpServerRequest, (request) =>
    HttpServerResponse.jsonUnsafe(answer(QueryParameters.of(request))),
  )

/** Answers what SDKs ask beside sending events, so that none of them complains or asks again. */
export const layer: Layer.Layer<never, never, HttpRouter.HttpRouter> = HttpRouter.addAll([
  ...answers.flatMap(([path, answer]) => Cors.routes(["GET", "POST"], path, jsonOf(answer))),
  ...Cors.routes(["GET"], "/array/:token/config", Effect.succeed(configJson)),
  ...Cors.routes(["GET"], "/array/:token/config.js", configScript),
  ...Cors.routes(["GET"], "/array/:token/array.js", Effect.succeed(noScript)),
  ...Cors.routes(["GET"], "/static/*", Effect.succeed(noScript)),
])
