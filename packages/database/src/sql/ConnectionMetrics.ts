import { Effect, Metric, type Scope } from "effect"

const connections = Metric.gauge("onymous.db.connections", {
  description: "Connections to the database that are in use",
  attributes: { unit: "{connection}" },
})

const connectionsMax = Metric.gauge("onymous.db.connections.max", {
  description: "Connections to the database that may be in use at a time",
  attributes: { unit: "{connection}" },
})

/** A pool of connections, and the number of those in use. */
interface PoolUse {
  readonly pool: string
  readonly max: number
  readonly used: () => number
}

/** Publishes the number of connections in use as a metric, which is read on demand, until the scope closes. */
export const tell = ({ pool, max, used }: PoolUse): Effect.Effect<void, never, Scope.Scope> =>
  Effect.flatMap(Effect.context(), (services) => {
    const gauges = [
      [connections, used],
      [connectionsMax, () => max],
    ] as const
    return Effect.acquireRelease(
      Effect.sync(() =>
        gauges.map(([metric, value]) =>
          Metric.registerUnsafe(Metric.withAttributes(metric, { pool }), services, {
            get: () => ({ value: value() }),
            update: () => undefined,
            modify: () => undefined,
          }),
        ),
      ),
      (registrations) => Effect.sync(() => registrations.forEach(({ remove }) => remove())),
    )
  })
