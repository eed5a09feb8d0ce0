import { Cause, ConfigProvider, Effect, Layer, Result, Tracer } from "effect"
import { FetchHttpClient } from "effect/http"
import { Otlp, OtlpSerialization } from "effect/observability"
import type { MetricsData } from "effect/observability/OtlpMetrics"
import type { TraceData } from "effect/observability/OtlpTracer"
import { causeText } from "@onymous/database/ErrorText"
import { WrongUse } from "../CommandError.ts"
import { version } from "../Version.ts"
import type { Environment } from "./OtlpVariables.ts"
import * as Redaction from "./Redaction.ts"
import * as TraceSampler from "./TraceSampler.ts"

/** Drops queries from spans, because they contain distinct ids, searched texts and tokens. */
const dropQueries = ({ resourceSpans }: TraceData): void => {
  const spans = resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap((scope) => scope.spans),
  )
  for (const { attributes } of spans) {
    for (const { key, value } of attributes) {
      if (key === "url.query") Reflect.set(value, "stringValue", "[redacted]")
      if (key === "url.full" && typeof value.stringValue === "string") {
        Reflect.set(value, "stringValue", value.stringValue.replace(/[?#].*/s, ""))
      }
    }
  }
}

/** Drops units from attributes, where they would become labels, because metrics have a field for them. */
const dropUnits = ({ resourceMetrics }: MetricsData): void => {
  const metrics = resourceMetrics.flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap((scope) => scope.metrics),
  )
  for (const { gauge, sum, histogram } of metrics) {
    for (const { attributes = [] } of [gauge, sum, histogram].flatMap(
      (each) => each?.dataPoints ?? [],
    )) {
      const unit = attributes.findIndex(({ key }) => key === "unit")
      if (unit >= 0) attributes.splice(unit, 1)
    }
  }
}

/** Redacts secrets in all that is exported. */
const withoutSecrets = (redact: Redaction.Redact) =>
  Layer.effect(
    OtlpSerialization.OtlpSerialization,
    Effect.map(OtlpSerialization.OtlpSerialization, (own) => ({
      traces: (data) => {
        dropQueries(data)
        Redaction.scrub(redact, data)
        return own.traces(data)
      },
      metrics: (data) => {
        dropUnits(data)
        return own.metrics(data)
      },
      logs: (data) => {
        Redaction.scrub(redact, data)
        return own.logs(data)
      },
    })),
  )

const protocols = {
  "http/protobuf": OtlpSerialization.layerProtobuf,
  "http/json": OtlpSerialization.layerJson,
}

const protocol = "OTEL_EXPORTER_OTLP_PROTOCOL"

const isProtocol = (text: string): text is keyof typeof protocols => Object.hasOwn(protocols, text)

/** The defaults of variables: those of OpenTelemetry, and our name as the service. */
const defaultsOf = ({ OTEL_RESOURCE_ATTRIBUTES: resource = "" }: Environment): Environment => ({
  OTEL_TRACES_EXPORTER: "otlp",
  OTEL_METRICS_EXPORTER: "otlp",
  OTEL_LOGS_EXPORTER: "otlp",
  ...(!/(?:^|,)\s*service\.name=/.test(resource) && { OTEL_SERVICE_NAME: "onymous" }),
  ...(!/(?:^|,)\s*service\.version=/.test(resource) && { OTEL_SERVICE_VERSION: version }),
})

const refused = (message: string) => Layer.effectDiscard(Effect.fail(new WrongUse({ message })))

/** Sends traces, metrics and logs to a collector, as the variables of OpenTelemetry say. */
export const layer = (
  environment: Environment,
  redact: Redaction.Redact,
): Layer.Layer<never, WrongUse> => {
  const spoken = environment[protocol] ?? "http/protobuf"
  if (!isProtocol(spoken)) {
    const known = Object.keys(protocols).join(", ")
    return refused(`${protocol}: expected one of ${known}, not ${JSON.stringify(spoken)}`)
  }
  const sampler = TraceSampler.read(environment)
  if (Result.isFailure(sampler)) return refused(sampler.failure)
  const variables = ConfigProvider.fromEnv({ env: { ...defaultsOf(environment), ...environment } })
  const traced = Layer.effect(
    Tracer.Tracer,
    Effect.map(Effect.tracer, (tracer) => TraceSampler.sampled(tracer, sampler.success)),
  )
  return traced.pipe(
    Layer.provideMerge(Otlp.layerFromConfig()),
    Layer.provide(Layer.provide(withoutSecrets(redact), protocols[spoken])),
    Layer.provide([FetchHttpClient.layer, ConfigProvider.layer(variables)]),
    // Invalid variables are a defect to Effect, and a refusal here.
    Layer.catchCause((cause) => refused(`OTEL_…: ${redact(causeText(Cause.squash(cause)))}`)),
    Layer.fresh,
  )
}
