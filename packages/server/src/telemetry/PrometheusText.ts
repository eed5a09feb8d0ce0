import { Effect, Metric } from "effect"
import { PrometheusMetrics } from "effect/observability"

type Snapshot = Metric.Metric.Snapshot

/** The suffix of a metric's name: Prometheus wants its unit, or `_total` for a counter. */
const suffixOf = ({ type, attributes }: Pick<Snapshot, "type" | "attributes">): string =>
  type === "Counter" ? "_total" : attributes?.["unit"] === "seconds" ? "_seconds" : ""

/** The metrics of this process in Prometheus' text format. */
export const text: Effect.Effect<string> = Effect.flatMap(Metric.snapshot, (metrics) => {
  const suffixes = new Map(metrics.map((metric) => [metric.id, suffixOf(metric)]))
  return PrometheusMetrics.format({
    metricNameMapper: (name) => `${name}${suffixes.get(name) ?? ""}`,
  })
})
