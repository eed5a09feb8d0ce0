import { Effect, Metric, type Scope } from "effect"

const connections = Metric.gauge("onymous.db.connections", {
  description: "Connections to the database that are in use",
  attributes: { unit: "{connection}" },
})

const connectionsMax = Metric.gauge("onymous.db.connections.max", {
  description: "Connections to the database that may be in use at a time",
  attributes: { unit: "{connection}" },
})

/** Connections of one use, and how many of them are in use now. */
interface Used {
  readonly pool: string
  readonly max: number
  readonly used: () => number
}

/** Tells until the end of the scope how many connections are in use, whenever somebody looks. */
export const tell = ({ pool, max, used }: Used): Effect.Effect<void, never, Scope.Scope> =>
  Effect.flatMap(Effect.context(), (services) => {
    const told = [
      [connections, used],
      [connectionsMax, () => max],
    ] as const
    return Effect.acquireRelease(
      Effect.sync(() =>
        told.map(([metric, value]) =>
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
