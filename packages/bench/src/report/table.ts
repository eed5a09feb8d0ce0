import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { rewrite } from "./Readme.ts"

NodeRuntime.runMain(Effect.provide(rewrite, NodeServices.layer))
