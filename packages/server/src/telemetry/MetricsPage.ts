import { Context, Effect } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import * as Keys from "../access/Keys.ts"
import * as Refusal from "../http/Refusal.ts"
import * as PrometheusText from "./PrometheusText.ts"

/** The hashes of the keys that open the metrics alone. */
export const MetricsKeys = Context.Reference<ReadonlyArray<string>>(
  "@onymous/server/MetricsPage/MetricsKeys",
  { defaultValue: () => [] },
)

const path = "/metrics"

const closed = Refusal.answer(path, {
  status: 401,
  code: "unauthorized",
  message:
    "Send the key of the metrics, or the operator's, as `Authorization: Bearer …`: `onymous serve --metrics-key` sets it.",
})

const keyOf = (authorization = ""): string => /^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? ""

/** The metrics for Prometheus. They need a key, because labels name projects. */
export const layer = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const hashes = [...(yield* MetricsKeys), ...(yield* Keys.Operator)]
    const page = Effect.map(PrometheusText.text, (text) =>
      HttpServerResponse.text(text, { contentType: "text/plain; version=0.0.4; charset=utf-8" }),
    )
    yield* router.add(
      "GET",
      path,
      Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) =>
        Keys.isOneOf(hashes, keyOf(headers["authorization"])) ? page : Effect.succeed(closed),
      ),
    )
  }),
)
