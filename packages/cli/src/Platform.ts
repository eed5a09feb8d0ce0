import { Effect, FileSystem, Layer, Path, Stdio, Terminal } from "effect"
import { ChildProcessSpawner } from "effect/process"

/** Node's files, terminal and processes, for the wizard. */
export const whole = Layer.unwrap(
  Effect.map(
    Effect.promise(() => import("@effect/platform-node/NodeServices")),
    ({ layer }) => layer,
  ),
)

const missing = Effect.die(new Error("only the wizard has a terminal"))

/**
 * Stand-ins for all other commands, which read files through Node directly and start faster this
 * way.
 */
export const bare = Layer.mergeAll(
  FileSystem.layerNoop({}),
  Path.layer,
  Stdio.layerTest({}),
  Layer.succeed(
    Terminal.Terminal,
    Terminal.make({
      columns: missing,
      rows: missing,
      size: missing,
      readInput: missing,
      readLine: missing,
      display: () => missing,
    }),
  ),
  Layer.succeed(
    ChildProcessSpawner.ChildProcessSpawner,
    ChildProcessSpawner.make(() => missing),
  ),
)
