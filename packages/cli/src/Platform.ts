import { Effect, FileSystem, Layer, Path, Stdio, Terminal } from "effect"
import { ChildProcessSpawner } from "effect/process"

/** Files, a terminal and processes of Node, which the wizard talks through. */
export const whole = Layer.unwrap(
  Effect.map(
    Effect.promise(() => import("@effect/platform-node/NodeServices")),
    ({ layer }) => layer,
  ),
)

const missing = Effect.die(new Error("only the wizard has a terminal"))

/** What stands for them elsewhere: a command takes its files from Node, and need not wait for these. */
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
