import { Effect, Metric } from "effect"
import { PrometheusMetrics } from "effect/observability"

type Snapshot = Metric.Metric.Snapshot

/** Prometheus wants the unit at the end of a name, and that of a counter to say that it is one. */
const suffixOf = ({ type, attributes }: Pick<Snapshot, "type" | "attributes">): string =>
  type === "Counter" ? "_total" : attributes?.["unit"] === "seconds" ? "_seconds" : ""

/** The measures of this process as Prometheus reads them. */
export const text: Effect.Effect<string> = Effect.flatMap(Metric.snapshot, (metrics) => {
  const suffixes = new Map(metrics.map((metric) => [metric.id, suffixOf(metric)]))
  return PrometheusMetrics.format({
    metricNameMapper: (name) => `${name}${suffixes.get(name) ?? ""}`,
  })
})
