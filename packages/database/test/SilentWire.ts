import { Effect, Latch, type Scope } from "effect"
import { connect, createServer, type Socket } from "node:net"

/** A way to a server that can fall silent: connections stay open, and nothing comes through. */
export interface Wire {
  readonly url: string
  /** From now on nothing comes through the open connections, for ever. */
  readonly silence: () => void
  /** Returns once a silent connection has swallowed bytes. */
  readonly isSwallowing: Effect.Effect<void>
  /** New connections come through again. */
  readonly speak: () => void
}

export const make = (server: string): Effect.Effect<Wire, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<Open>((resume) => {
        const { hostname, port } = new URL(server)
        const state = { isSilent: false, pairs: new Set<Pair>(), swallowed: Latch.makeUnsafe() }
        const listener = createServer((near) => {
          const far = connect(Number(port), hostname)
          const { isSilent, swallowed } = state
          const pair = { ends: [near, far], isSilent, swallowed } as const
          state.pairs.add(pair)
          forward(pair, near, far)
          forward(pair, far, near)
        })
        listener.listen(0, "127.0.0.1", () => {
          const address = listener.address()
          const at = typeof address === "object" && address ? address.port : 0
          resume(Effect.succeed({ listener, state, port: at }))
        })
      }),
      ({ listener, state }) =>
        Effect.callback<void>((resume) => {
          for (const { ends } of state.pairs) for (const end of ends) end.destroy()
          listener.close(() => resume(Effect.void))
        }),
    ),
    ({ state, port }) => ({
      url: Object.assign(new URL(server), { port: `${port}` }).href,
      silence: () => {
        state.isSilent = true
        state.swallowed.closeUnsafe()
        for (const pair of state.pairs) Object.assign(pair, { isSilent: true })
      },
      isSwallowing: state.swallowed.await,
      speak: () => {
        state.isSilent = false
      },
    }),
  )

interface Pair {
  readonly ends: readonly [Socket, Socket]
  readonly isSilent: boolean
  readonly swallowed: Latch.Latch
}

interface Open {
  readonly listener: ReturnType<typeof createServer>
  readonly state: {
    isSilent: boolean
    readonly pairs: Set<Pair>
    readonly swallowed: Latch.Latch
  }
  readonly port: number
}

const forward = (pair: Pair, from: Socket, to: Socket): void => {
  from.on("data", (chunk) => {
    if (pair.isSilent) pair.swallowed.openUnsafe()
    else to.write(chunk)
  })
  from.on("close", () => {
    if (!pair.isSilent) to.destroy()
  })
  from.on("error", () => {})
}
